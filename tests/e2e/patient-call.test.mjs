// The call as a patient meets it: its sheets, a silent microphone, a lost physician, a lost line, the way out and back,
// another phone, storage gone. Each state is looked at, by axe too. Pictures are in out/.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { holdWrites } from './lib/database.mjs';
import { tidy } from './lib/ending.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { received, seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

/** "3分 待っています", and a little. */
const HELD_MS = 185_000;
/** Until the telephone is offered, and a little. */
const LATE_MS = 25_000;
/** Silence is said after eight seconds, a lost physician after five. */
const NOTICED_MS_MAX = 30_000;
/** Longer than a lost seat takes to be noticed and taken back. */
const TWO_WINDOWS_MS = 12_000;

let demo;
before(async () => {
  demo = await start({ name: 'patient-call' });
});
after(() => demo?.stop());

/** A second of nothing, as a sound file: a microphone that is switched off on its side. */
function silence() {
  const [rate, head] = [48_000, 44];
  const file = Buffer.alloc(head + rate * 2);
  file.write('RIFF', 0);
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(rate * 2, 40);
  const path = join(tidy(mkdtempSync(join(tmpdir(), 'onshin-silence-'))), 'silence.wav');
  writeFileSync(path, file);
  return path;
}

/** Lets the page's clock be moved on, so that nobody waits three minutes. Runs in the page, first. */
function movableClock() {
  let ahead = 0;
  const now = performance.now.bind(performance);
  performance.now = () => now() + ahead;
  Object.defineProperty(window, 'onshinLater', { value: (ms) => (ahead += ms) });
}

const later = (person, ms) => person.evaluate((by) => window.onshinLater(by), ms);

/** Whether two of the words over the picture lie on each other. */
const overlaps = (person) =>
  person.evaluate(() => {
    const boxes = [...document.querySelectorAll('.on-over')].filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect());
    return boxes.some((one, at) => boxes.slice(at + 1).some((other) => one.top < other.bottom - 1 && other.top < one.bottom - 1));
  });

test('a patient in the call is told what is wrong, and can always go on', { timeout: 400_000 }, async () => {
  const visit = go.visitFor(demo, 'first-visit');
  const patient = await atChromium('patient', { screen: PHONE, args: [`--use-file-for-fake-audio-capture=${silence()}`] });
  const physician = await atChromium('physician', { screen: DESK });
  await patient.page.context().addInitScript(movableClock);
  const people = [patient, physician];
  const faults = [];
  const see = async (person, name) => faults.push(...(await look(person, name)));
  try {
    await go.enter(patient, visit);
    await go.nothingNew(patient);
    await go.noSymptom(patient);
    await go.readExplanation(patient);
    await go.agree(patient);
    await go.sayPlace(patient);
    await patient.arrives('/visit/device');
    await patient.press('[data-device-start]');
    await patient.reads('声が とどいていません');
    await see(patient, 'device-silent');
    await patient.press('[data-device-answer=yes]');
    await patient.arrives('/visit/wait');
    await patient.reads('この医師で まちがいありませんか');
    await see(patient, 'wait-first');

    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');
    await go.admit(physician);
    await patient.arrives('/visit/call');
    await seesAndHears(patient);
    await see(patient, 'call-first');

    for (const sheet of ['cannot-hear', 'proof', 'leaving']) {
      await patient.press(`[data-open=${sheet}]`);
      await patient.seen(`#${sheet}[open]`);
      await see(patient, `call-${sheet}`);
      await patient.pressKey('Escape');
      await patient.until('the sheet to close', () => patient.page.locator('dialog[open]').count().then((n) => n === 0));
    }

    await patient.reads('声が とどいていません', NOTICED_MS_MAX);
    await see(patient, 'call-silent');

    // The physician's browser is gone: the visit is not over, and after three minutes there is more to do than wait.
    const desk = physician.page.url();
    await physician.open('about:blank');
    await patient.reads('医師の通信が 切れました', NOTICED_MS_MAX);
    assert.ok(!(await overlaps(patient)), 'words stand under each other');
    await see(patient, 'call-gone');
    await later(patient, HELD_MS);
    await patient.reads('医師が まだ もどりません', NOTICED_MS_MAX);
    await patient.seen('.on-overs a[href^="tel:"]:visible');
    await see(patient, 'call-away');
    // Whoever comes back meanwhile is not promised a face that does not come.
    await patient.page.reload();
    await patient.reads('まもなく 医師の顔が出ます');
    await patient.until('the line', () => received(patient).then((now) => now.connected > 0));
    await later(patient, LATE_MS);
    await patient.reads('医師の映像が まだ とどきません', NOTICED_MS_MAX);
    await see(patient, 'call-late');
    await physician.open(desk);
    await seesAndHears(patient, { wait: NOTICED_MS_MAX });
    assert.ok(!(await patient.text()).includes('医師の映像が まだ'), 'nothing stands before the picture');

    await patient.page.context().setOffline(true);
    await patient.reads('電波がありません');
    await patient.reads('つなぎ直しています');
    await patient.picture('page-call-offline-360');
    patient.complaints.length = 0;
    faults.push(...(await look(patient, 'call-reconnecting')).filter((line) => !line.includes('ERR_INTERNET_DISCONNECTED')));
    assert.ok(!(await overlaps(patient)), 'words stand under each other');
    await patient.page.context().setOffline(false);
    await seesAndHears(patient, { wait: NOTICED_MS_MAX });
    patient.complaints.length = 0;

    // A second window has the call, the first one steps aside; neither takes the seat from the other by itself.
    const window = await patient.newTab();
    await patient.open(`${demo.patient}/visit/call`);
    await seesAndHears(patient, { wait: NOTICED_MS_MAX });
    const aside = (page) => page.evaluate(() => document.querySelector('[data-call]').dataset.state === 'elsewhere');
    await sleep(TWO_WINDOWS_MS);
    assert.ok(await aside(window), 'the first window stepped aside');
    assert.ok(!(await aside(patient.page)));
    await seesAndHears(patient);
    const second = patient.page;
    patient.useTab(window);
    await see(patient, 'call-elsewhere');
    await patient.pressNamed('button', 'この画面で つづける');
    await patient.until('the other window to step aside', () => aside(second));
    await seesAndHears(patient, { wait: NOTICED_MS_MAX });
    await second.close();

    await patient.press('[data-open=leaving]');
    await patient.press('#leaving a[href="/visit/out"]');
    await patient.arrives('/visit/out');
    await see(patient, 'out');
    await patient.pressNamed('link', '診察に戻る');
    await patient.arrives('/visit/call');
    await seesAndHears(patient, { wait: NOTICED_MS_MAX });

    const call = await patient.newTab();
    const release = await holdWrites(demo);
    try {
      assert.equal(await patient.open(`${demo.patient}/visit/physician`), 503);
      await patient.reads('いまは 保存できません');
      patient.complaints.length = 0;
      await see(patient, 'unavailable');
    } finally {
      await release();
    }
    await patient.pressNamed('link', 'もう一度 ためす');
    await patient.arrives('/visit/call');
    await patient.page.close();
    patient.useTab(call);

    assert.deepEqual(faults, []);
  } finally {
    await Promise.all(people.map((person) => person.close()));
  }
});

test('the link on another phone: the first one is told how to come back, the second one is held', { timeout: 200_000 }, async () => {
  const visit = go.visitFor(demo, 'followup-1');
  const first = await atChromium('first-phone', { screen: PHONE });
  const other = await atChromium('other-phone', { screen: PHONE });
  const physician = await atChromium('physician-2', { screen: DESK });
  const faults = [];
  try {
    await go.toWaitingRoom(first, visit);
    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');
    await go.admit(physician);
    await first.arrives('/visit/call');
    await seesAndHears(first);
    await go.enter(other, visit);
    await other.reads('医師が あなたを呼びなおします');
    faults.push(...(await look(other, 'wait-held')));
    // The first one is not told that the visit is over: it went on elsewhere.
    let ended = false;
    await first.until('the way back in', async () => {
      const text = await first.text();
      ended ||= text.includes('診察が終わりました');
      return text.includes('ほかのスマホで開かれました');
    });
    assert.ok(!ended, 'the visit is not over');
    assert.equal(await first.open(`${demo.patient}/visit/call`), 401);
    await first.seen('main a[href="/lost"]');
    first.complaints.length = 0;
    faults.push(...(await look(first, 'taken-over')));
    assert.deepEqual(faults, []);
  } finally {
    await Promise.all([first, other, physician].map((person) => person.close()));
  }
});
