// A page as it meets people: on the narrowest phone and on a desk, for eyes, for axe, and in one language.
import { violations } from './axe.mjs';
import { DESK, PHONE } from './browsers.mjs';

/** Words in Latin letters that a Japanese page may hold. */
const LATIN = new Set(
  ('onshin English JavaScript Wi Fi WiFi SMS SNS ID URL PDF iPhone Android Safari Chrome LINE Bluetooth MB S O A P Ctrl Enter Alt J K M V ' +
    'TOTP TLS OK QR CSV PNG JPEG SVG kB mg OS Web HPKI PHR IC ICD E I MIHON reizawa bessho karikawa karino reihara').split(' '),
);

/** What a text that nobody wrote looks like: its key. */
const KEY = /\b[a-z]+(?:-[a-z0-9]+){1,6}\b/g;

/** Below this nothing is promised; at it, and with large letters at any width, nothing may scroll sideways (WCAG 1.4.10). */
const NARROWEST = { width: 320, height: 640 };

/** Left out of the search for words: ids of clauses, what people typed, and names of files. */
const APART = 'code, kbd, .on-clause, [lang=en], [data-words=free], input, textarea, select option[value=""]';

/** Looks at the page that stands before somebody at Chromium; gives its faults, a line each. */
export async function look(person, name, { english = false, sizes = [PHONE, DESK] } = {}) {
  const faults = [];
  const before = person.page.viewportSize();
  if (sizes.includes(PHONE) && (await person.evaluate(() => !document.body.classList.contains('on-staff')))) {
    await person.page.setViewportSize(NARROWEST);
    const over = await person.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) faults.push(`${name} at ${NARROWEST.width} px: ${over} px too wide`);
  }
  for (const size of sizes) {
    await person.page.setViewportSize(size);
    const at = `${name} at ${size.width} px`;
    const wide = await person.evaluate(() => {
      const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      if (over <= 0) return null;
      const worst = [...document.body.querySelectorAll('*')]
        .filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
        .map((part) => `${part.tagName.toLowerCase()}.${part.className}`);
      return `${over} px too wide: ${worst.slice(0, 3).join(', ')}`;
    });
    if (wide) faults.push(`${at}: ${wide}`);
    for (const fault of await violations(person)) faults.push(`${at}: ${fault}`);
    await person.picture(`page-${name}-${size.width}`);
  }
  await person.page.setViewportSize(before);
  const text = await person.evaluate((apart) => {
    const copy = document.body.cloneNode(true);
    for (const part of copy.querySelectorAll(`${apart}, script, template, noscript`)) part.remove();
    return copy.innerText ?? copy.textContent;
  }, APART);
  const lang = await person.evaluate(() => document.documentElement.lang);
  if (lang !== (english ? 'en' : 'ja')) faults.push(`${name}: the page says it is in „${lang}“`);
  if (!english) {
    const foreign = (text.replace(/(cl|sec|ext|rev|small)-[\w.-]+|https?:\S+/g, ' ').match(/[A-Za-z][A-Za-z]*/g) ?? []).filter((word) => !LATIN.has(word));
    if (foreign.length) faults.push(`${name}: not Japanese: ${[...new Set(foreign)].slice(0, 12).join(' ')}`);
  } else {
    const kana = text.match(/[ぁ-んァ-ヶ][ぁ-んァ-ヶ一-龥、。]{3,}/g) ?? [];
    if (kana.length) faults.push(`${name}: not English: ${[...new Set(kana)].slice(0, 5).join(' / ')}`);
    const keys = (text.match(KEY) ?? []).filter((word) => /^(visit|today|shell|nav|role|problem|remedy|house|patients|plans|bookings|work|signin|account|stage|class|duty)-/.test(word));
    if (keys.length) faults.push(`${name}: keys for words: ${[...new Set(keys)].slice(0, 5).join(' ')}`);
  }
  return [...faults, ...person.complaints.splice(0).filter((line) => !/status of (401|403|404|409|422|429)/.test(line)).map((line) => `${name}: ${line}`)];
}
