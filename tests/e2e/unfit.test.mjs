// A first visit refused for a symptom of the list, and handed to an institution of the partner register.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import * as go from './lib/visit.mjs';

const MUST_LEAVE = ['questionnaire.answered', 'symptom.decided', 'suitability.judged', 'referral.sent', 'consultation.switched'];

let demo;
before(async () => {
  demo = await start({ name: 'unfit' });
});
after(() => demo?.stop());

test('a first visit refused for symptoms and handed to an in-person partner', { timeout: 300_000 }, async (t) => {
  const visit = go.visitFor(demo, 'first-visit-2');
  const patient = await atChromium('patient-unfit', { screen: PHONE });
  const physician = await atChromium('physician-unfit', { screen: DESK });
  const faults = [];
  const before = ledger(demo).at(-1)?.seq ?? -1;
  try {
    await go.enter(patient, visit);
    await go.nothingNew(patient);
    await patient.arrives('/visit/symptoms');
    await patient.press('label:has([name=hit][value=cough])');
    await patient.pressNamed('button', '選んだものを 送る');
    await patient.arrives('/visit/explain');

    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await physician.reads('急性の激しい咳');
    assert.ok(await physician.page.locator('[data-main][aria-disabled=true]').count(), 'nobody is let in before the decision');
    await physician.press(`a[href='/consultations/${visit.consultation}/symptoms']`);
    await physician.reads('選ばれた症状の判断');
    faults.push(...(await look(physician, 'unfit-symptoms')));
    await physician.write('[name=grounds]', '話すと息が切れる。聴診がいる。');
    await physician.pressNamed('button', '向かない。対面へ');
    await physician.arrives(`/consultations/${visit.consultation}/stop`);
    await physician.reads('連携先へ紹介する');
    assert.equal(await physician.page.locator('[name=destination]').count(), 0, 'no place in free words');
    faults.push(...(await look(physician, 'unfit-exit')));
    const referral = physician.page.locator('label:has([name=exit]:not([value=own]))').first();
    const partner = (await referral.locator('small').innerText()).split(' ')[0];
    await referral.click();
    await physician.write('[name=told]', '電話で伝えた');
    await physician.page.click('[data-main]');
    await physician.arrives(`/consultations/${visit.consultation}`);

    await patient.open(`${demo.patient}/visit`);
    await patient.arrives('/visit/over');
    await patient.reads(partner);
    faults.push(...(await look(patient, 'unfit-over')));
    assert.deepEqual(patient.complaints, []);
    assert.deepEqual(physician.complaints, []);
    t.diagnostic(`presses: patient ${patient.presses.length}, physician ${physician.presses.length}`);
  } finally {
    await Promise.all([patient.close(), physician.close()]);
  }
  assert.deepEqual(faults, []);
  const left = new Set(ledger(demo).filter((entry) => entry.seq > before).map((entry) => entry.subject));
  assert.deepEqual(MUST_LEAVE.filter((subject) => !left.has(subject)), [], [...left].sort().join(' '));
});
