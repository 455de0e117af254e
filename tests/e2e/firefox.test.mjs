// A follow-up whose patient uses Firefox: the same pages, the same presses, another browser's media.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, atFirefox, DESK, PHONE } from './lib/browsers.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const PATIENT_PRESSES_MAX = 6;
const NOTE = { subjective: '変わりなし。', objective: '顔色よし。', assessment: '糖尿病、安定。', plan: '同じ薬。', explained: '同じ薬を続けましょう。' };

let demo;
before(async () => {
  demo = await start({ name: 'firefox' });
});
after(() => demo?.stop());

test('a follow-up with the patient at Firefox', { timeout: 300_000 }, async (t) => {
  const visit = go.visitFor(demo, 'followup-2');
  const patient = await atFirefox('patient-firefox', { screen: PHONE });
  const physician = await atChromium('physician', { screen: DESK });
  try {
    await go.toWaitingRoom(patient, visit);
    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');
    await go.admit(physician);
    await physician.reads('画面で確かめる');
    await patient.arrives('/visit/call');
    const [seen, shown] = await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    assert.ok(seen.width > 0 && shown.width > 0);
    await patient.picture('firefox-patient-call');
    await go.confirmStrip(physician);
    await go.writeNote(physician, NOTE);
    t.diagnostic(`the server counted ${await go.measured(physician, demo, visit)} s both ways`);
    await go.enoughAndSign(physician);
    await physician.reads('終了');
    await patient.arrives('/visit/after');
    await patient.reads(NOTE.explained);
    assert.deepEqual(patient.complaints, []);
    assert.deepEqual(physician.complaints, []);
    t.diagnostic(`presses: patient ${patient.presses.length}`);
    assert.ok(patient.presses.length <= PATIENT_PRESSES_MAX, `patient: ${patient.presses}`);
  } finally {
    await Promise.all([patient.close(), physician.close()]);
  }
});
