// A routine follow-up, from the message to the closed visit, and what it costs and leaves.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import { binary } from './lib/places.mjs';
import * as go from './lib/visit.mjs';

const PATIENT_PRESSES_MAX = 6;
const PHYSICIAN_PRESSES_MAX = 4;
const RECEPTION_PRESSES_MAX = 2;

/** Signing is clinical work (friction.md, section 2); the final press signs and ends at once. */
const CLINICAL = ['button まとめて署名して終える'];

/**
 * What a routine follow-up must leave (friction.md, section 3), and how often at least.
 *
 * guidance.shown (cl-2.2-ii-b) and terminal.checked (cl-2.5.2.1-xi-a, sec-x1.i-c) belong to later milestones.
 */
const MUST_LEAVE = {
  'session.opened': 1,
  'questionnaire.answered': 1,
  'medication.stated': 1,
  'place.stated': 1,
  'network.declared': 1,
  'recording_ban.accepted': 2,
  'proof.shown': 1,
  'call.probed': 1,
  'chart.opened': 1,
  'suitability.judged': 2,
  'place.confirmed': 2,
  'room.admitted': 1,
  'consultation.begun': 1,
  'identity.known': 1,
  'third_party.checked': 1,
  'sufficiency.judged': 1,
  'consultation.ended': 1,
  'record.finalized': 1,
  'consultation.documented': 1,
  'consultation.closed': 1,
};

const NOTE = {
  subjective: '頭痛なし。薬は毎日のんでいる。',
  objective: '表情おだやか。家の血圧 128/76。',
  assessment: '高血圧症、よく保たれている。',
  plan: '同じ薬を続ける。次は来院。',
  explained: '同じ薬を続けましょう。次は病院に来てください。',
};

let demo;
before(async () => {
  demo = await start({ name: 'followup' });
});
after(() => demo?.stop());

test('a routine follow-up: seen, heard, written, closed', { timeout: 300_000 }, async (t) => {
  const visit = go.visitFor(demo, 'followup-1');
  const patient = await atChromium('patient', { screen: PHONE });
  const physician = await atChromium('physician', { screen: DESK });
  const reception = await atChromium('reception', { screen: DESK });
  const before = ledger(demo).at(-1)?.seq ?? -1;
  try {
    await go.signIn(reception, demo, 'karino');
    reception.presses.length = 0;

    const began = Date.now();
    await go.toWaitingRoom(patient, visit);
    t.diagnostic(`link to waiting room: ${Date.now() - began} ms`);
    await patient.reads('受付しました');

    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    physician.presses.length = 0;
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');
    await go.admit(physician);
    // On a routine follow-up one press admits and begins.
    await physician.reads('画面で確かめる');
    const admitted = Date.now();
    await patient.arrives('/visit/call');
    const [seen, shown] = await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    t.diagnostic(`admit to picture and sound on both sides: ${Date.now() - admitted} ms`);
    assert.ok(seen.width > 0 && shown.width > 0);
    assert.equal(seen.connected, 1);
    assert.equal(shown.connected, 1);

    await go.confirmStrip(physician);
    await go.writeNote(physician, NOTE);
    const faults = [...(await look(patient, 'call', { sizes: [PHONE] })), ...(await look(physician, 'visit-live', { sizes: [DESK] }))];
    const seconds = await go.measured(physician, demo, visit);
    t.diagnostic(`the server counted ${seconds} s both ways`);
    await seesAndHears(patient);
    await go.enoughAndSign(physician, async () => faults.push(...(await look(physician, 'visit-closing', { sizes: [DESK] }))));
    await physician.reads(NOTE.assessment);
    await physician.reads('終了');

    await patient.arrives('/visit/after');
    await patient.reads('きょう 決まったこと');
    await patient.reads(NOTE.explained);
    assert.ok(!(await patient.text()).includes(NOTE.assessment), 'the note itself is not the patient’s page');
    faults.push(...(await look(patient, 'after', { sizes: [PHONE] })), ...(await look(physician, 'visit-over', { sizes: [DESK] })));
    assert.deepEqual(faults, []);

    assert.deepEqual(patient.complaints, []);
    assert.deepEqual(physician.complaints, []);

    // Its own row: another visit of the day may well be over, too.
    await reception.seen(`#c-${visit.consultation}:has-text("完了")`);
    const beyond = physician.presses.filter((press) => !CLINICAL.includes(press));
    t.diagnostic(`presses: patient ${patient.presses.length} (${patient.presses.join(' · ')})`);
    t.diagnostic(`presses: physician ${beyond.length} (${beyond.join(' · ')}) and the signature`);
    t.diagnostic(`presses: reception ${reception.presses.length}`);
    assert.ok(patient.presses.length <= PATIENT_PRESSES_MAX, `patient: ${patient.presses}`);
    assert.ok(beyond.length <= PHYSICIAN_PRESSES_MAX, `physician: ${beyond}`);
    assert.ok(reception.presses.length <= RECEPTION_PRESSES_MAX, `reception: ${reception.presses}`);
  } finally {
    await Promise.all([patient, physician, reception].map((person) => person.close()));
  }

  const left = ledger(demo).filter((entry) => entry.seq > before);
  const lacking = Object.entries(MUST_LEAVE).filter(
    ([subject, times]) => left.filter((entry) => entry.subject === subject).length < times,
  );
  assert.deepEqual(lacking, [], `the ledger holds ${[...new Set(left.map((entry) => entry.subject))].sort().join(' ')}`);
  const text = JSON.stringify(left);
  for (const words of [visit.name, visit.kana, ...Object.values(NOTE)]) assert.ok(!text.includes(words), `the ledger says ${words}`);

  const verdict = execFileSync(binary, ['verify', 'ledger', '--demo', demo.state, '--anchor', `${demo.state}/checkpoints.log`], {
    encoding: 'utf8',
  });
  t.diagnostic(verdict.trim().split('\n').at(-1));
});
