// Smoking cessation without a visit in person: the check-up's paper, the answers, the medicine, the hour, and what the
// patient reads for and against before the device check.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { tidy } from './lib/ending.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { temporary } from './lib/places.mjs';
import * as go from './lib/visit.mjs';

const DAY_MS = 24 * 3600_000;
const AGAINST = '聴診や呼気の検査ができない';

let demo;
before(async () => {
  demo = await start({ name: 'smoking' });
});
after(() => demo?.stop());

test('smoking cessation is weighed by the physician and read by the patient', { timeout: 300_000 }, async (t) => {
  const known = go.visitFor(demo, 'tomorrow-2', { open: false });
  const paper = join(tidy(temporary('smoking-paper')), 'checkup.pdf');
  writeFileSync(paper, '%PDF-1.4\n%%EOF\n');
  const physician = await atChromium('physician', { screen: DESK });
  const reception = await atChromium('reception', { screen: DESK });
  const patient = await atChromium('patient', { screen: PHONE });
  const faults = [];
  try {
    await go.signIn(physician, demo, 'reizawa');
    const page = `${demo.staff}/smoking/${known.patient}`;
    await physician.open(page);
    await physician.page.fill('#on', go.japan(-40 * DAY_MS).slice(0, 10));
    for (const [field, words] of [['result', '異常なし'], ['source', '職場の健診'], ['excluded', '胸部の画像に所見なし']]) await physician.write(`#${field}`, words);
    await physician.page.setInputFiles('#file', paper);
    await physician.pressNamed('button', '健診の記録を残す');
    await physician.seen('#checkup .on-chip.is-ok');
    for (const asked of ['psychiatric', 'renal', 'cardiac', 'driving']) await physician.press(`#${asked} [value=no]`);
    await physician.press('#drug [name=drug]');
    for (const [field, words] of [['low_risk', '持病がなく腎機能も正常'], ['benefits', '仕事を休まずに続けられる'], ['disadvantages', AGAINST]]) await physician.write(`#${field}`, words);
    await physician.press('label:has([name=way][value=online_only])');
    await physician.press('#course .is-main');
    await physician.reads(AGAINST);
    faults.push(...(await look(physician, 'smoking-course')));

    await go.signIn(reception, demo, 'karino');
    await reception.open(page);
    assert.ok(!(await reception.text()).includes(AGAINST), 'reception books, and reads nothing clinical');
    await go.writeHour(reception, 10);
    await reception.press('[data-main]');
    await reception.arrives(/^\/bookings\/[0-9A-Z]+$/);
    const link = await go.newestLink(reception, demo);

    await go.openLink(patient, { ...known, link });
    await go.sayBirthDate(patient, known.birth);
    await patient.arrives(/^\/visit\/.+/);
    await go.goesOnTo(patient, '/visit/smoking');
    await patient.reads(AGAINST);
    faults.push(...(await look(patient, 'visit-smoking')));
    await patient.press('main form .is-main');
    await patient.arrives('/visit/device');
    await physician.open(page);
    await physician.seen('#course .on-chip.is-ok');
    assert.deepEqual(faults, []);
    t.diagnostic(`presses: patient ${patient.presses.length}, physician ${physician.presses.length}`);
  } finally {
    await Promise.all([patient.picture('smoking-patient'), physician.picture('smoking-physician')]).catch(() => {});
    await Promise.all([patient.close(), physician.close(), reception.close()]);
  }
});
