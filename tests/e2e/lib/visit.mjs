// The ways that people go in a visit, each press counted, each page awaited by what it says.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { measuredSeconds } from './database.mjs';
import { code, untilNext } from './totp.mjs';

/** A whole minute of picture and sound, and what starting and counting need. */
const MEASURED_MS_MAX = 120_000;

/** The visit in demo.json that is there to show this. */
export function visitFor(demo, purpose, { open = true } = {}) {
  const visit = demo.clinic.patients.find((each) => each.purpose === purpose);
  assert.ok(visit && (visit.link || !open), `the demo has no link for ${purpose}`);
  return visit;
}

/** The sign-in of somebody who works there. */
export function worker(demo, login) {
  const user = demo.clinic.users.find((each) => each.login === login);
  assert.ok(user, `nobody is called ${login}`);
  return user;
}

/** Presses the link of the message and reads who will see one. */
export async function openLink(person, visit) {
  person.presses.push('link');
  await person.open(visit.link);
  await person.reads('生年月日');
}

/** Writes a birth date, in the patient's era, and starts. */
export async function sayBirthDate(person, { era, y, m, d }) {
  if (era !== 'showa') await person.choose('[name=era]', era);
  await person.write('[name=y]', String(y));
  await person.write('[name=m]', String(m));
  await person.write('[name=d]', String(d));
  await person.pressNamed('button', 'はじめる');
}

/** The link, the birth date: the patient stands before the first question. */
export async function enter(person, visit) {
  await openLink(person, visit);
  await sayBirthDate(person, visit.birth);
  await person.arrives(/^\/visit\/.+/);
}

/** "どれも ない" */
export async function nothingNew(person) {
  await person.arrives('/visit/body');
  await person.pressNamed('button', 'どれも ない');
}

/** "どれも あてはまらない": the whole list of symptoms of a first visit. */
export async function noSymptom(person) {
  await person.arrives('/visit/symptoms');
  assert.equal(await person.page.$$eval(':checked', (chosen) => chosen.length), 0, 'nothing is preselected');
  await person.pressNamed('button', 'どれも あてはまらない');
}

/** Everything is as it was the last time. The answer opens when the last line was in view. */
export async function asLastTime(person) {
  await person.arrives('/visit/statement');
  await person.scrollTo('[name=pressed]');
  await person.seen('[name=pressed]:not([aria-disabled])');
  await person.pressNamed('button', '同じです');
}

/** The page of the explanation: every item under its own heading, one press; gives how many items there were. */
export async function readExplanation(person) {
  await person.arrives('/visit/explain');
  const items = await person.page.$$eval('form section h2', (headings) => headings.length);
  await person.pressNamed('button', '分かりました');
  await person.until('the next page', () => new URL(person.page.url()).pathname !== '/visit/explain');
  return items;
}

/** The wish, and each of the agreements by itself; none is chosen before. */
export async function agree(person) {
  await person.arrives('/visit/agree');
  assert.equal(await person.page.$$eval(':checked', (chosen) => chosen.length), 0, 'nothing is preselected');
  await person.press('label:has([name=wish][value=yes])');
  const kinds = await person.page.$$eval('[name=kind]', (boxes) => boxes.map((box) => box.value));
  for (const kind of kinds) await person.press(`label:has([name=kind][value=${kind}])`);
  await person.pressNamed('button', '選んだものに同意する');
  return kinds;
}

/** Says in the waiting room that this is the physician one expects. */
export async function knowsPhysician(person) {
  await person.pressNamed('button', 'この医師で確認しました');
  await person.reads('前に確認した医師と 同じ人です');
}

/** Everything said anew: at home, alone, unheard, on the own line, no recording. */
export async function sayPlace(person, { companion } = {}) {
  await person.arrives('/visit/statement');
  await person.press('label:has([name=place][value=home])');
  for (const [name, value] of [
    ['clean', 'yes'],
    ['safe', 'yes'],
    ['private', 'yes'],
    ['alone', companion ? 'no' : 'yes'],
    ['medicines', 'same'],
    ['network', 'own'],
  ]) {
    await person.press(`label:has([name=${name}][value=${value}])`);
  }
  if (companion) {
    await person.write('[name=companions]', companion);
    await person.press('label:has([name=companions_agree][value=yes])');
  }
  await person.press('label:has([name=no_recording][value=yes])');
  await person.pressNamed('button', 'この内容で進む');
}

/** Camera, microphone and line: one press to begin, one to say that the tone was heard. */
export async function checkDevice(person) {
  await person.arrives('/visit/device');
  await person.press('[data-device-start]');
  await person.press('[data-device-answer=yes]');
}

/** Answers whatever is asked before the page with this path; `answers` says how pages besides the usual ones are answered. */
export async function goesOnTo(person, page, answers = {}) {
  const path = () => new URL(person.page.url()).pathname;
  const known = {
    '/visit/body': () => nothingNew(person),
    '/visit/symptoms': () => noSymptom(person),
    '/visit/explain': () => readExplanation(person),
    '/visit/agree': () => agree(person),
    '/visit/statement': () => asLastTime(person),
    '/visit/device': () => checkDevice(person),
    ...answers,
  };
  await person.until('the first page', () => path().startsWith('/visit/'));
  for (let step = 0; step < 12 && path() !== page; step += 1) {
    const here = path();
    assert.ok(known[here], `nothing is known of ${here}`);
    await known[here]();
    await person.until(`a page after ${here}`, () => path() !== here);
  }
  await person.arrives(page);
}

/** Says in the call that this is the physician one expects, where that is asked. */
export async function confirmsPhysician(person) {
  if ((await person.page.locator('[data-open=proof]').count()) === 0) return;
  await person.press('[data-open=proof]');
  const confirm = person.page.getByRole('button', { name: 'この医師で確認しました' });
  if (await confirm.count()) await person.pressNamed('button', 'この医師で確認しました');
}

/** The physician accepts and identifies, as far as it is asked, and begins where it waits for a press. */
export async function beginCare(person) {
  const gone = (what) => person.until(`${what} done`, async () => (await person.page.locator(what).count()) === 0);
  if (await person.page.locator('#accept').count()) {
    await person.pressNamed('button', '説明して、希望を確かめ、同意を受けた');
    await gone('#accept');
  }
  if (await person.page.locator('#identity').count()) {
    await person.choose('#document', 'driving_licence');
    await person.pressNamed('button', '本人と一致');
    await gone('#identity');
  }
  const start = person.page.getByRole('button', { name: /^(診察|相談)を始める$/ });
  if (await start.count()) await person.press('[data-main]:not([aria-disabled=true])');
}

/** The hour in Japan, so many milliseconds from now, as a form writes it. */
export const japan = (ms) => new Date(Date.now() + 9 * 3600_000 + ms).toISOString();

/** Writes an hour in so many minutes into a form that books. */
export async function writeHour(person, minutes) {
  const soon = japan(minutes * 60_000);
  await person.page.fill('#date', soon.slice(0, 10));
  await person.page.fill('#time', soon.slice(11, 16));
}

/** The link of the newest message that was sent; whoever reads the outbox. */
export async function newestLink(person, demo) {
  await person.open(`${demo.staff}/outbox`);
  const [link] = (await person.text()).match(new RegExp(`${demo.patient}/v/[\\w-]+`, 'g')) ?? [];
  assert.ok(link, 'a link was sent');
  return link;
}

/** A routine follow-up from the message to the waiting room. */
export async function toWaitingRoom(person, visit) {
  await enter(person, visit);
  await nothingNew(person);
  await asLastTime(person);
  await checkDevice(person);
  await person.arrives('/visit/wait');
}

/** Signs in, with a code that nobody has used yet. */
export async function signIn(person, demo, login) {
  const user = worker(demo, login);
  await person.open(`${demo.staff}/sign-in`);
  // A code that changes while it is typed is no fault of the program.
  if (untilNext() < 3000) await sleep(untilNext());
  await person.write('#name', user.login);
  await person.write('#password', user.password);
  await person.write('#code', code(user.totp_secret));
  await person.pressNamed('button', '入る');
  await person.arrives('/today');
}

/** States the room for a stretch of work. */
export async function beginWork(person, demo) {
  await person.open(`${demo.staff}/work`);
  await person.press('label:has([name=room])');
  await person.press('[name=stated]');
  await person.until('the work period', () => !person.page.url().endsWith('/work') || person.text().then((text) => text.includes('からはじめて') || text.includes('から はじめて')));
}

/** Opens the page of a visit from the board. */
export async function openVisit(person, demo, visit) {
  if (new URL(person.page.url()).pathname !== '/today') await person.open(`${demo.staff}/today`);
  const own = `#c-${visit.consultation} a[href='/consultations/${visit.consultation}']`;
  await person.press(own);
  await person.arrives(`/consultations/${visit.consultation}`);
}

/** "適する。呼び入れる" */
export async function admit(person) {
  await person.pressNamed('button', '適する。呼び入れる');
}

/** The opening strip: asked aloud, looked, pressed once. */
export async function confirmStrip(person) {
  await person.press('#strip .is-main');
  await person.reads('本人・場所・同席 確認ずみ');
}

/** Writes the note. */
export async function writeNote(person, note) {
  for (const [part, text] of Object.entries(note)) await person.write(`#${part}`, text);
}

/** Writes the sheet for the patient of a first visit: no further visit, and the signs; the place was filled in. */
export async function writeSheet(person, sheet) {
  assert.notEqual(await person.page.inputValue('#sheet-place'), '', 'the place is known');
  assert.notEqual(await person.page.inputValue('#sheet-phone'), '', 'and its telephone');
  await person.write('#sheet-signs', sheet.signs);
  await person.press("[name='sheet-next'][value='nothing']");
  await person.write('#sheet-reason', sheet.reason);
  await person.press("[name='sheet-goes-on'][value='no']");
  await person.press("[name='sheet-explained'][value='live']");
}

/** Waits until the server has counted so many seconds of picture and sound both ways; gives what it counted. */
export async function measured(person, demo, visit, seconds = 60) {
  return person.until(
    `${seconds} s of picture and sound`,
    async () => {
      const now = measuredSeconds(demo, visit);
      return now >= seconds && now;
    },
    MEASURED_MS_MAX,
  );
}

/** "足りる", then the signature that ends, documents and closes; between them the closing panel can be looked at. */
export async function enoughAndSign(person, between = async () => {}) {
  await person.pressNamed('button', '足りる。最終も「適する」');
  await person.reads('まとめて署名して終える');
  await between();
  await person.pressNamed('button', 'まとめて署名して終える');
  await person.reads('診察の記録');
}
