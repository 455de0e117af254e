// Before the physician admits: devices open, line connected, and nothing leaves the patient's phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { start } from './lib/onshin.mjs';
import { given, received, seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const NOT_OUT = 'まだ相手に出ていません';
/** Long enough for packets to be sent, were there any. */
const LOOK_MS = 3_000;
/** A page that nobody looks at lets the camera go after ten seconds. */
const LET_GO_MS_MAX = 15_000;

let demo;
before(async () => {
  demo = await start({ name: 'standby' });
});
after(() => demo?.stop());

/** Remembers every track that the page was given. Runs in the page, first. */
function rememberTracks() {
  const devices = navigator.mediaDevices;
  const native = devices?.getUserMedia.bind(devices);
  const tracks = [];
  Object.defineProperty(window, 'onshinTracks', { value: tracks });
  if (native) {
    devices.getUserMedia = async (...wanted) => {
      const stream = await native(...wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
  }
}

const open = (person) => person.evaluate(() => window.onshinTracks.filter((track) => track.readyState === 'live').map((track) => track.kind).sort());

/** Whether the browser calls the page seen. */
const turn = (person, visible) =>
  person.evaluate((state) => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, visible ? 'visible' : 'hidden');

async function atThePanel(visit) {
  const physician = await atChromium('physician', { screen: DESK });
  await go.signIn(physician, demo, visit.physician);
  await go.beginWork(physician, demo);
  await go.openVisit(physician, demo, visit);
  await physician.reads('呼べます');
  return physician;
}

test('whoever waits is ready, sends nothing, and is seen within a second of the press', { timeout: 180_000 }, async (t) => {
  const visit = go.visitFor(demo, 'followup-1');
  // As on a phone: sound only after a press. The press into the waiting room is enough.
  const patient = await atChromium('patient', { screen: PHONE, args: ['--autoplay-policy=document-user-activation-required'] });
  await patient.page.addInitScript(rememberTracks);
  const people = [patient];
  try {
    await go.toWaitingRoom(patient, visit);
    await patient.reads(NOT_OUT);
    const physician = await atThePanel(visit);
    people.push(physician);
    await physician.reads(NOT_OUT);

    for (const person of people) {
      await person.until('the line', async () => (await received(person)).connected === 1);
      await sleep(LOOK_MS);
      assert.deepEqual(await given(person), { tracks: 0, packets: 0 }, `${person.name} sends`);
      const { frames, audioPackets } = await received(person);
      assert.deepEqual({ frames, audioPackets }, { frames: 0, audioPackets: 0 }, `${person.name} receives`);
    }
    assert.deepEqual(await open(patient), ['audio', 'video']);

    // Another page in front: camera and microphone are let go, and taken again.
    await turn(patient, false);
    await patient.until('the camera to be let go', async () => (await open(patient)).length === 0, LET_GO_MS_MAX);
    assert.equal((await received(patient)).connected, 0);
    await turn(patient, true);
    await patient.until('the camera', async () => (await open(patient)).length === 2);
    await patient.reads(NOT_OUT);
    await patient.until('the line', async () => (await received(patient)).connected === 1);

    const document = await patient.evaluate(() => performance.timeOrigin);
    await go.admit(physician);
    const pressed = Date.now();
    await Promise.all(people.map((person) => person.until('a frame', async () => (await received(person)).frames > 0)));
    t.diagnostic(`both see each other ${Date.now() - pressed} ms after the press`);
    await patient.arrives('/visit/call');
    assert.equal(await patient.evaluate(() => performance.timeOrigin), document, 'the same document');
    assert.equal(await patient.evaluate(() => history.length > 0 && document.title.startsWith('診察中')), true);
    await Promise.all(people.map((person) => seesAndHears(person)));
    for (const person of people) {
      const playing = await person.evaluate(() => {
        const view = document.querySelector('video[data-remote]');
        return !view.paused && !view.muted && view.checkVisibility() && !view.parentElement.querySelector('.on-hold')?.checkVisibility();
      });
      assert.ok(playing, `${person.name} sees and hears, with nothing before the picture`);
      assert.ok(!(await person.text()).includes(NOT_OUT), `${person.name} is told the truth`);
      assert.deepEqual(person.complaints, []);
    }

    // A reload finds the call.
    await patient.page.reload();
    assert.equal(new URL(patient.page.url()).pathname, '/visit/call');
    await Promise.all(people.map((person) => seesAndHears(person)));
  } finally {
    await Promise.all(people.map((person) => person.close()));
  }
});

test('whoever gives no camera waits all the same, and sees and hears the physician', { timeout: 180_000 }, async () => {
  const visit = go.visitFor(demo, 'followup-3');
  const patient = await atChromium('patient-2', { screen: PHONE });
  await patient.page.addInitScript(() => {
    const refuse = () => Promise.reject(new DOMException('refused', 'NotAllowedError'));
    if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = refuse;
  });
  const people = [patient];
  try {
    await go.enter(patient, visit);
    await go.nothingNew(patient);
    await go.asLastTime(patient);
    await patient.arrives('/visit/device');
    await patient.press('[data-device-start]');
    await patient.pressNamed('button', /このまま進む/);
    await patient.arrives('/visit/wait');
    await patient.reads('このままでも 順番は来ます');
    const physician = await atThePanel(visit);
    people.push(physician);
    await go.admit(physician);
    await patient.arrives('/visit/call');
    await seesAndHears(patient);
    await patient.reads('カメラとマイクが 止められています');
    assert.deepEqual(await given(patient), { tracks: 0, packets: 0 });
    assert.equal((await received(physician)).frames, 0);
  } finally {
    await Promise.all(people.map((person) => person.close()));
  }
});
