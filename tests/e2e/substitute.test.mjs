// A substitute: the physician whom the plan names is away, another one is booked, the patient accepts this one for this one
// visit, the case is handed over and read, and the substitute sees the patient and signs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger, rows } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const OWN = 'reizawa';
const SUBSTITUTE = 'bessho';
const REASON = '勤務の変更';
const HANDED = {
  problem: '高血圧。三年よく保たれている。',
  plan: 'いまの薬を続ける。',
  medication: '朝に一つ。のみ忘れなし。',
  alerts: 'ペニシリンで発疹。',
  questions: 'ふらつきがないか。',
};
const NOTE = {
  subjective: 'ふらつきなし。',
  objective: '表情おだやか。家の血圧 128/76。',
  assessment: '高血圧症、よく保たれている。',
  plan: '同じ薬を続ける。',
  explained: '同じ薬を続けましょう。',
};

let demo;
/** What the signed note and what the program wrote beside it say. */
let record = '';
before(async () => {
  demo = await start({ name: 'substitute' });
});
after(() => demo?.stop());

/** Writes a plan that names this physician alone; gives where it is signed. */
async function planAlone(physician, patient) {
  await physician.open(`${demo.staff}/patients/${patient}/plans/new`);
  await physician.choose('#physician-1', '');
  await physician.write('#when-1', '');
  await physician.pressNamed('button', '保存して 患者に見せる');
  await physician.arrives(/\/plans\/\d+$/);
  return physician.page.url();
}

/** Books another physician than the plan names. */
async function bookSubstitute(reception, visit) {
  await reception.open(`${demo.staff}/bookings/new?patient=${visit.patient}`);
  const name = go.worker(demo, SUBSTITUTE).name;
  const id = await reception.page.$eval('#physician', (list, own) => [...list.options].find((one) => one.text.includes(own)).value, name);
  await reception.choose('#physician', id);
  await go.writeHour(reception, 5);
  await reception.pressNamed('button', '予約して 招待を送る');
  await reception.arrives(/^\/bookings(\/[0-9A-Z]+)?$/);
  const [[consultation]] = rows(
    demo.state,
    'SELECT id FROM consultation WHERE tenant = ? AND patient = ? ORDER BY id DESC LIMIT 1',
    demo.clinic.clinic.id,
    visit.patient,
  );
  assert.notEqual(consultation, visit.consultation, 'another visit was booked');
  return { ...visit, consultation, physician: SUBSTITUTE, link: await go.newestLink(reception, demo) };
}

test('a substitute sees the patient once the patient accepts and the case was handed over', { timeout: 400_000 }, async (t) => {
  const usual = go.visitFor(demo, 'followup-1');
  const faults = [];
  const past = ledger(demo).at(-1)?.seq ?? -1;
  const people = [];
  const at = async (name, options) => {
    const person = await atChromium(name, options);
    people.push(person);
    return person;
  };
  try {
    const own = await at('own', { screen: DESK });
    await go.signIn(own, demo, OWN);
    const plan = await planAlone(own, usual.patient);
    const patient = await at('patient', { screen: PHONE });
    await go.enter(patient, usual);
    await go.goesOnTo(patient, '/visit/statement');
    await own.open(plan);
    await own.press('form[action$="/sign"] .is-main');
    await own.until('the signature', async () => (await own.page.locator('form[action$="/sign"]').count()) === 0);

    const reception = await at('reception', { screen: DESK });
    await go.signIn(reception, demo, 'karino');
    await reception.open(`${demo.staff}/bookings/${usual.consultation}`);
    await reception.pressNamed('button', '予約を取りやめる');
    await reception.arrives('/today');
    // The patient may say no, and then reception finds another hour.
    const declined = await bookSubstitute(reception, usual);
    await go.enter(patient, declined);
    await go.goesOnTo(patient, '/visit/over', { '/visit/substitute': () => patient.pressNamed('button', '別の日にする') });
    await patient.reads('受付から 電話します');
    faults.push(...(await look(patient, 'substitute-declined', { sizes: [PHONE] })));
    await reception.open(`${demo.staff}/tasks`);
    await reception.reads('予約のとりなおし');
    const visit = await bookSubstitute(reception, usual);
    assert.notEqual(visit.consultation, declined.consultation);
    await reception.open(`${demo.staff}/tasks`);
    await reception.reads('代わりの医師への引きつぎ');
    faults.push(...(await look(reception, 'substitute-tasks', { sizes: [DESK] })));
    await reception.close();
    people.splice(people.indexOf(reception), 1);

    const substitute = await at('substitute', { screen: DESK });
    await go.signIn(substitute, demo, SUBSTITUTE);
    await go.beginWork(substitute, demo);
    substitute.presses.length = 0;
    await go.openVisit(substitute, demo, visit);
    await substitute.seen('#outside');
    faults.push(...(await look(substitute, 'substitute-reason')));
    await substitute.press('#outside label:has([value="outside:roster"])');
    await substitute.press('#outside .is-main');
    await substitute.until('the reason', async () => (await substitute.page.locator('#outside').count()) === 0);
    await substitute.reads('まだ呼べません');
    faults.push(...(await look(substitute, 'substitute-gate', { sizes: [DESK] })));

    await go.openLink(patient, visit);
    await go.sayBirthDate(patient, visit.birth);
    patient.presses.length = 0;
    await go.goesOnTo(patient, '/visit/wait', {
      '/visit/substitute': async () => {
        await patient.reads(go.worker(demo, SUBSTITUTE).name);
        await patient.reads(go.worker(demo, OWN).name);
        faults.push(...(await look(patient, 'visit-substitute')));
        await patient.pressNamed('button', 'この医師でよい');
      },
    });

    // Unread, and before that unwritten, it holds the visit.
    await substitute.reads('あと1つ');
    await substitute.press('#gate a[href$="/handover"]');
    await substitute.reads('まだ書かれていません');
    faults.push(...(await look(substitute, 'handover-waits')));

    await own.open(`${demo.staff}/tasks`);
    await own.press(`a[href='/consultations/${visit.consultation}/handover']`);
    await own.arrives(`/consultations/${visit.consultation}/handover`);
    faults.push(...(await look(own, 'handover-write')));
    for (const [part, words] of Object.entries(HANDED)) await own.write(`#${part}`, words);
    await own.pressNamed('button', '引きつぎに署名する');
    await own.reads('署名しました');

    await substitute.open(`${demo.staff}/consultations/${visit.consultation}/handover`);
    for (const words of Object.values(HANDED)) await substitute.reads(words);
    faults.push(...(await look(substitute, 'handover-read')));
    await substitute.pressNamed('button', 'カルテと引きつぎを読みました');
    await substitute.arrives(`/consultations/${visit.consultation}`);
    await substitute.reads('呼べます');
    await go.admit(substitute);
    await patient.arrives('/visit/call');
    await Promise.all([seesAndHears(patient), seesAndHears(substitute)]);
    await go.confirmsPhysician(patient);
    await go.beginCare(substitute);
    await go.confirmStrip(substitute);
    await go.writeNote(substitute, NOTE);
    const seconds = await go.measured(substitute, demo, visit);
    t.diagnostic(`the server counted ${seconds} s both ways`);
    await go.enoughAndSign(substitute);
    await patient.arrives('/visit/after');
    await patient.reads(NOTE.explained);
    faults.push(...(await look(patient, 'substitute-after', { sizes: [PHONE] })));
    await substitute.open(`${demo.staff}/patients/${visit.patient}/notes/${visit.consultation}`);
    await substitute.reads('サーバーが書く記録');
    faults.push(...(await look(substitute, 'substitute-note', { sizes: [DESK] })));
    record = (await substitute.text()).split('サーバーが書く記録').at(-1).split('追記・訂正')[0];
    t.diagnostic(`presses: substitute ${substitute.presses.length} (${substitute.presses.join(' · ')})`);
    t.diagnostic(`presses: own physician ${own.presses.length} (${own.presses.join(' · ')})`);
    t.diagnostic(`presses: patient ${patient.presses.length} (${patient.presses.join(' · ')})`);
    for (const person of people) assert.deepEqual(person.complaints, [], person.name);
    assert.deepEqual(faults, []);
  } finally {
    await Promise.all(people.map((person) => person.picture(`substitute-last-${person.name}`).catch(() => {})));
    await Promise.all(people.map((person) => person.close()));
  }
  const left = ledger(demo).filter((entry) => entry.seq > past);
  for (const subject of ['handover.signed', 'handover.acknowledged', 'agreement.given', 'task.opened', 'consultation.closed']) {
    assert.ok(left.some((entry) => entry.subject === subject), subject);
  }
  const why = left.find((entry) => entry.subject === 'warning.decided');
  assert.ok(JSON.stringify(why).includes('outside:roster'), 'the ledger says why');
  const text = JSON.stringify(left);
  for (const words of [...Object.values(HANDED), ...Object.values(NOTE)]) assert.ok(!text.includes(words), `the ledger says ${words}`);
});

test('the record of that visit says who saw the patient, and why another than the plan names', () => {
  for (const words of [go.worker(demo, SUBSTITUTE).name, REASON, go.worker(demo, OWN).name]) assert.ok(record.includes(words), `${words}: ${record}`);
});
