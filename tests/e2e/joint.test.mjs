// A physician far away and the attending one beside the patient (D to P with D): prepared on its own pages, three in the call
// by real picture and sound, paused while the attending physician is away, and signed when everybody is back.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger, rows } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const ATTENDING = 'reizawa';
const REMOTE = 'bessho';
const INFORMATION = { summary: '三か月前から手のふるえ。', results: '頭部の検査は異常なし。', question: '診断と、薬を始めるか。' };
const TERMS = {
  cases: '診断がおくれたとき',
  line_failure: '主治医がその場で続ける',
  decides: '主治医',
  explains: '主治医',
  insurance: 'それぞれの賠償保険',
};
const NOTE = {
  subjective: '手のふるえ。飲むとき困る。',
  objective: '両手の姿勢時のふるえ。主治医の診察で固さなし。',
  assessment: '本態性のふるえ。',
  plan: '主治医が薬を始める。',
  explained: '主治医の先生のところで薬を始めましょう。',
};
const PAUSED = '診察は止まっています';
/** The media server counts every five seconds, and the page asks every five. */
const NOTICED_MS_MAX = 20_000;
/** Longer than it takes to notice that somebody is gone. */
const STAYS_MS = 12_000;

let demo;
/** What the signed note and what the program wrote beside it say. */
let record = '';
/** Which of the lines for others each browser shows large: the server lays the patient's or the treating physician's first. */
const large = {};
/** Pictures of others that the patient still sees while one of the two physicians is gone. */
let leftOver;
before(async () => {
  demo = await start({ name: 'joint' });
});
after(() => demo?.stop());

/** Pictures of others that are shown with something in them. */
const pictures = (person) =>
  person.evaluate(() => [...document.querySelectorAll('video[data-remote]')].filter((view) => view.videoWidth > 0 && view.checkVisibility()).length);

/** The number of the line, from 0, whose picture is shown large, under the one name that stands there. */
const largeLine = (person) =>
  person.evaluate(() => {
    const shown = document.querySelector('.on-view > video[data-remote], video[data-remote]').srcObject?.getVideoTracks()[0];
    const [peer] = window.onshinPeers.filter((each) => each.connectionState === 'connected').slice(-1);
    const lines = peer.getTransceivers().filter((line) => line.receiver.track.kind === 'video' && line.direction === 'recvonly');
    return lines.findIndex((line) => line.receiver.track === shown);
  });

/** The times in which somebody was there: `{ source, from, until }`, `until` null while there. */
const times = (visit, who) =>
  rows(
    demo.state,
    'SELECT source, from_at, until_at FROM joint_presence WHERE tenant = ? AND consultation = ? AND who = ? ORDER BY from_at',
    demo.clinic.clinic.id,
    visit.consultation,
    who,
  ).map(([source, from, until]) => ({ source, from, until }));

const isThere = (visit, who) => times(visit, who).some((time) => time.until === null);

/** Chooses somebody by name in a list of people. */
async function choosePerson(person, field, login) {
  const own = go.worker(demo, login).name;
  const id = await person.page.$eval(field, (list, name) => [...list.options].find((one) => one.text.includes(name))?.value, own);
  assert.ok(id, `${own} is not in ${field}`);
  await person.choose(field, id);
}

/** The administrator switches the service off and on again. */
async function offered(administrator, on) {
  await administrator.open(`${demo.staff}/house/joint`);
  const box = administrator.page.locator('[name=with_physician]');
  assert.equal(await box.isChecked(), !on);
  await administrator.press('label:has([name=with_physician])');
  await administrator.pressNamed('button', '保存する');
  await administrator.until('the choice', async () => (await box.isChecked()) === on);
}

test('a visit with the attending physician beside the patient, by real picture and sound', { timeout: 400_000 }, async (t) => {
  const known = go.visitFor(demo, 'tomorrow-2', { open: false });
  const faults = [];
  const past = ledger(demo).at(-1)?.seq ?? -1;
  const people = [];
  const at = async (name, options) => {
    const person = await atChromium(name, options);
    people.push(person);
    return person;
  };
  try {
    const [administrator, reception, attending, remote, patient] = await Promise.all([
      at('administrator', { screen: DESK }),
      at('reception', { screen: DESK }),
      at('attending', { screen: DESK }),
      at('remote', { screen: DESK }),
      at('patient', { screen: PHONE }),
    ]);
    const workers = [
      [administrator, 'reihara'],
      [reception, 'karino'],
      [attending, ATTENDING],
      [remote, REMOTE],
    ];
    await Promise.all(workers.map(([person, login]) => go.signIn(person, demo, login)));
    await offered(administrator, false);
    await reception.open(`${demo.staff}/joint?patient=${known.patient}`);
    await reception.reads('この医療機関では行っていません');
    await offered(administrator, true);

    await reception.open(`${demo.staff}/joint?patient=${known.patient}`);
    await choosePerson(reception, '#attending', ATTENDING);
    await choosePerson(reception, '#remote', REMOTE);
    await reception.pressNamed('button', '開く');
    await reception.arrives(/^\/joint\/[0-9A-Z]+$/);
    const joint = reception.page.url();

    await attending.open(joint);
    for (const [field, words] of Object.entries(INFORMATION)) await attending.write(`#${field}`, words);
    await attending.press('#information form .is-main');
    await attending.reads('返事を待っています');
    for (const [field, words] of Object.entries(TERMS)) await attending.write(`#${field}`, words);
    await attending.press('#sharing form .is-main');
    await attending.reads('署名なし');

    await go.beginWork(remote, demo);
    await remote.open(joint);
    await remote.press('#sharing form:has([name=agreement]) .is-main');
    await remote.until('both signatures', async () => !(await remote.text()).includes('署名なし'));
    await remote.press('#information a[href$="/papers/information"]');
    await remote.reads(INFORMATION.question);
    faults.push(...(await look(remote, 'joint-paper')));
    await remote.press('[name=answer][value=yes]');
    await remote.arrives(new URL(joint).pathname);

    await reception.open(joint);
    await go.writeHour(reception, 5);
    await reception.pressNamed('button', '予約して 招待を送る');
    await reception.arrives('/bookings');
    const link = await go.newestLink(reception, demo);
    await attending.open(joint);
    const seat = await attending.page.getAttribute('a[href$="/seat"]', 'href');
    const consultation = seat.split('/')[2];
    const visit = { ...known, consultation, link, physician: REMOTE };
    await Promise.all([administrator.close(), reception.close()]);
    people.splice(0, people.length, attending, remote, patient);

    await go.openLink(patient, visit);
    await go.sayBirthDate(patient, visit.birth);
    await go.goesOnTo(patient, '/visit/wait', {
      '/visit/joint': async () => {
        await patient.reads(go.worker(demo, ATTENDING).name);
        await patient.reads(go.worker(demo, REMOTE).name);
        faults.push(...(await look(patient, 'visit-joint')));
        await patient.pressNamed('button', 'よいです');
      },
    });

    await attending.press('a[href$="/seat"]');
    await attending.arrives(seat);
    await attending.reads('医師が入れるのを待っています');
    faults.push(...(await look(attending, 'joint-seat-waits')));
    assert.equal(await pictures(attending), 0, 'nobody is seen before the patient was let in');

    remote.presses.length = 0;
    attending.presses.length = 0;
    await remote.open(`${demo.staff}/today`);
    await go.openVisit(remote, demo, visit);
    await remote.reads('呼べます');
    const admitted = Date.now();
    await go.admit(remote);
    await patient.arrives('/visit/call');
    for (const person of [patient, remote, attending]) {
      await person.until('two pictures', async () => (await pictures(person)) === 2);
      await seesAndHears(person);
      large[person.name] = await largeLine(person);
    }
    t.diagnostic(`from the press to three who see each other: ${Date.now() - admitted} ms`);
    await go.confirmsPhysician(patient);
    await go.beginCare(remote);
    await go.confirmStrip(remote);
    for (const who of ['attending', 'remote', 'patient']) {
      await remote.until(`${who} there`, () => isThere(visit, who));
      assert.deepEqual(times(visit, who).map((time) => time.source), ['media'], who);
    }
    await remote.reads('主治医はその場にいます');
    await attending.reads('通話の中にいます');
    faults.push(...(await look(remote, 'joint-live', { sizes: [DESK] })));
    faults.push(...(await look(attending, 'joint-seat')));
    faults.push(...(await look(patient, 'joint-call', { sizes: [PHONE] })));
    await go.writeNote(remote, NOTE);

    // Whoever is seen first does not take the place of the patient, whose name stands there.
    await patient.open('about:blank');
    await remote.open(`${demo.staff}/consultations/${consultation}`);
    await remote.until('one picture', async () => (await pictures(remote)) === 1);
    await patient.open(`${demo.patient}/visit/call`);
    await remote.until('two pictures', async () => (await pictures(remote)) === 2);
    large['remote, the patient later'] = await largeLine(remote);

    // Silent and without a picture, by the own keys, somebody is still there.
    await attending.press('[data-call-mute]');
    await attending.press('[data-call-camera]');
    await sleep(STAYS_MS);
    assert.ok(isThere(visit, 'attending'), 'who mutes the microphone and the camera has not gone');
    await attending.press('[data-call-mute]');
    await attending.press('[data-call-camera]');

    // The attending physician's page is closed.
    const seconds = await go.measured(remote, demo, visit);
    t.diagnostic(`the server counted ${seconds} s both ways, with three in the room`);
    const left = await attending.newTab();
    const went = Date.now();
    await left.close();
    await remote.until('the end of the time', () => !isThere(visit, 'attending'), NOTICED_MS_MAX);
    t.diagnostic(`closed page to absence kept: ${Date.now() - went} ms`);
    await remote.until('the pause', () => remote.page.locator('#paused').count(), NOTICED_MS_MAX);
    t.diagnostic(`closed page to pause shown: ${Date.now() - went} ms`);
    await remote.reads(PAUSED);
    faults.push(...(await look(remote, 'joint-paused')));
    await attending.open(joint);
    await attending.reads(PAUSED);
    faults.push(...(await look(attending, 'joint-page-paused')));
    for (const person of [patient, remote]) await seesAndHears(person);
    leftOver = await pictures(patient);
    faults.push(...(await look(patient, 'joint-call-paused', { sizes: [PHONE] })));

    // Nothing is judged meanwhile, and handing the patient over stays open.
    const stands = () => rows(demo.state, 'SELECT stage FROM consultation WHERE tenant = ? AND id = ?', demo.clinic.clinic.id, consultation)[0][0];
    await remote.pressNamed('button', '足りる。最終も「適する」');
    await remote.reads('そろうまで待ってください');
    remote.complaints = remote.complaints.filter((line) => !line.includes('status of 409'));
    assert.equal(stands(), 'live');
    const judged = () => ledger(demo).filter((entry) => entry.seq > past && entry.subject === 'sufficiency.judged').length;
    assert.equal(judged(), 0, 'nothing was judged while the attending physician was away');
    await remote.open(`${demo.staff}/consultations/${consultation}`);
    assert.ok(await remote.page.locator('a[href*="/stop"]').count(), 'to care in person it stays open');

    // Back at the seat it goes on.
    const back = Date.now();
    await attending.open(`${demo.staff}${seat}`);
    await remote.until('the attending physician there', () => isThere(visit, 'attending'), NOTICED_MS_MAX);
    t.diagnostic(`reopened seat to presence kept: ${Date.now() - back} ms`);
    await remote.until('the end of the pause', async () => (await remote.page.locator('#paused').count()) === 0, NOTICED_MS_MAX);
    t.diagnostic(`reopened seat to the end of the pause: ${Date.now() - back} ms`);
    for (const person of [patient, remote, attending]) {
      await person.until('two pictures', async () => (await pictures(person)) === 2);
      await seesAndHears(person);
    }
    await remote.reads(NOTE.assessment).catch(() => go.writeNote(remote, NOTE));
    await go.enoughAndSign(remote);
    await remote.reads(NOTE.assessment);
    await patient.arrives('/visit/after');
    await patient.reads(NOTE.explained);
    await attending.reads('この診察は終わりました');
    const over = Date.now();
    await attending.until('a seat without camera and line', async () => (await attending.page.locator('[data-call]').count()) === 0);
    t.diagnostic(`the end told to the camera let go at the seat: ${Date.now() - over} ms`);
    // The line learns of its end from the answer to its next offer.
    attending.complaints = attending.complaints.filter((line) => !line.includes('status of 410'));
    faults.push(...(await look(attending, 'joint-seat-over', { sizes: [PHONE] })));
    assert.deepEqual(times(visit, 'attending').map((time) => [time.source, time.until !== null]), [['media', true], ['media', true]], 'each time is kept');

    await remote.open(`${demo.staff}/patients/${visit.patient}/notes/${consultation}`);
    await remote.reads('サーバーが書く記録');
    record = (await remote.text()).split('サーバーが書く記録').at(-1).split('追記・訂正')[0];
    t.diagnostic(`presses: remote physician ${remote.presses.length} (${remote.presses.join(' · ')})`);
    t.diagnostic(`presses: attending physician ${attending.presses.length} (${attending.presses.join(' · ')})`);
    t.diagnostic(`presses: patient ${patient.presses.length} (${patient.presses.join(' · ')})`);
    for (const person of people) assert.deepEqual(person.complaints, [], person.name);
    assert.deepEqual(faults, []);
  } finally {
    await Promise.all(people.map((person) => person.picture(`joint-last-${person.name}`).catch(() => {})));
    await Promise.all(people.map((person) => person.close()));
  }
  const entries = ledger(demo).filter((entry) => entry.seq > past);
  for (const subject of ['joint.opened', 'joint.booked', 'information.sent', 'information.opened', 'information.judged', 'joint.came', 'joint.left', 'consultation.closed']) {
    assert.ok(entries.some((entry) => entry.subject === subject), subject);
  }
  const text = JSON.stringify(entries);
  for (const words of [...Object.values(INFORMATION), ...Object.values(TERMS), ...Object.values(NOTE)]) assert.ok(!text.includes(words), `the ledger says ${words}`);
});

test('the record of that visit names both physicians', () => {
  for (const login of [REMOTE, ATTENDING]) assert.ok(record.includes(go.worker(demo, login).name), `${login}: ${record}`);
  assert.ok(!record.includes('ひとり'), record);
});

test('the large picture is of the person whose name stands under it, and who has gone is seen no more', (t) => {
  t.diagnostic(`line shown large: ${JSON.stringify(large)}; pictures left to the patient: ${leftOver}`);
  assert.deepEqual(Object.entries(large).filter(([, line]) => line !== 0), []);
  assert.equal(leftOver, 1);
});
