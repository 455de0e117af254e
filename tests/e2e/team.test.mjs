// A nurse beside the patient (D to P with N): asked of the patient, let in with the patient, and three people in one call.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const NURSE = 'karikawa';
const REASON = '床ずれの処置のため';
const RESULT = '体温36.5 血圧128/76 脈62';
const NOTE = {
  subjective: '変わりない。',
  objective: '仙骨部の発赤は消えている。看護師の測定 128/76。',
  assessment: '安定している。',
  plan: '処置をつづける。',
  explained: '処置をつづけましょう。',
};

let demo;
before(async () => {
  demo = await start({ name: 'team' });
});
after(() => demo?.stop());

/** Pictures of others that are shown with something in them. */
const pictures = (person) =>
  person.evaluate(() => [...document.querySelectorAll('video[data-remote]')].filter((view) => view.videoWidth > 0 && view.checkVisibility()).length);

/** Signs an instruction that foresees measuring. */
async function instruct(physician, visit) {
  await physician.open(`${demo.staff}/patients/${visit.patient}/instructions`);
  await physician.press('label:has([name=vital_signs])');
  await physician.pressNamed('button', '署名する');
  await physician.reads('第1版');
}

test('three people in a visit: who attends is accepted, seen by both, and does what was ordered', { timeout: 300_000 }, async (t) => {
  const visit = go.visitFor(demo, 'followup-1');
  const patient = await atChromium('patient', { screen: PHONE });
  const physician = await atChromium('physician', { screen: DESK });
  const nurse = await atChromium('nurse', { screen: PHONE });
  const people = [patient, physician, nurse];
  const faults = [];
  const past = ledger(demo).at(-1)?.seq ?? -1;
  try {
    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await instruct(physician, visit);
    faults.push(...(await look(physician, 'instructions')));
    await go.toWaitingRoom(patient, visit);

    await physician.open(`${demo.staff}/today`);
    await go.openVisit(physician, demo, visit);
    await physician.press('#team summary');
    const own = go.worker(demo, NURSE).name;
    const id = await physician.evaluate((name) => [...document.querySelectorAll('#person option')].find((one) => one.textContent.includes(name))?.value, own);
    await physician.choose('#person', id);
    await physician.write('#attendance_reason', REASON);
    await physician.pressNamed('button', '患者にたずねる');
    await physician.reads('患者の返事を待っています');

    // The patient is asked where they wait, and is back in the waiting room after the answer.
    await patient.arrives('/visit/attendant');
    await patient.reads(REASON);
    faults.push(...(await look(patient, 'attendant')));
    await patient.pressNamed('button', 'よいです');
    await patient.arrives('/visit/wait');

    await go.signIn(nurse, demo, NURSE);
    await nurse.press(`#c-${visit.consultation} a[href$='/seat']`);
    await nurse.arrives(`/consultations/${visit.consultation}/seat`);
    await nurse.reads('医師が入れるのを待っています');
    await physician.reads('患者は承知。待っています');
    faults.push(...(await look(nurse, 'seat')));
    assert.equal(await pictures(nurse), 0, 'nobody is seen before the patient was let in');

    await physician.reads('呼べます');
    await go.admit(physician);
    await physician.reads('画面で確かめる');
    await patient.arrives('/visit/call');
    for (const person of people) {
      await person.until('two pictures', async () => (await pictures(person)) === 2);
      await seesAndHears(person);
    }
    await patient.reads(`看護師 ${own}`);
    faults.push(...(await look(patient, 'call-of-three', { sizes: [PHONE] })), ...(await look(physician, 'visit-of-three', { sizes: [DESK] })));

    await go.confirmStrip(physician);
    await physician.press('#team details:first-of-type summary');
    await physician.press('#team button[name=act][value=vital_signs]');
    await physician.reads('たのみました');
    await nurse.seen('#acts input[name=result]');
    await nurse.write('#acts input[name=result]', RESULT);
    faults.push(...(await look(nurse, 'seat-ordered', { sizes: [PHONE] })));
    await nurse.pressNamed('button', 'すませた');
    await physician.reads(RESULT);
    await go.writeNote(physician, NOTE);
    const seconds = await go.measured(physician, demo, visit);
    t.diagnostic(`the server counted ${seconds} s both ways, with three in the room`);
    await go.enoughAndSign(physician);
    await patient.arrives('/visit/after');
    await nurse.reads('この診察は終わりました');
    for (const person of people) assert.deepEqual(person.complaints, [], person.name);
    assert.deepEqual(faults, []);
  } finally {
    await Promise.all(people.map((person) => person.close()));
  }
  const left = ledger(demo).filter((entry) => entry.seq > past);
  for (const subject of ['presence.declared', 'presence.accepted', 'presence.seated', 'instruction.signed', 'act.ordered', 'act.performed']) {
    assert.ok(left.some((entry) => entry.subject === subject), subject);
  }
  assert.ok(!JSON.stringify(left).includes(RESULT), 'the ledger holds no result');
});
