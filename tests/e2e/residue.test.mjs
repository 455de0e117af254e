// After a visit with marked words nothing of it is left: not in a closed browser's profile, not in the program's output,
// not beside it in the temporary folder. (lib/residue.test.mjs proves that the search finds what a careless page leaves.)
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atChromium, atFirefox, DESK, PHONE } from './lib/browsers.mjs';
import { discard, tidy } from './lib/ending.mjs';
import { start } from './lib/onshin.mjs';
import { temporary } from './lib/places.mjs';
import { residue } from './lib/residue.mjs';
import * as go from './lib/visit.mjs';

const SYMPTOM = '標識症状ミズアメ';
const NOTE = {
  subjective: '標識訴えカザグルマ',
  objective: '標識所見ヒバチ',
  assessment: '標識評価コンペイトウ',
  plan: '標識方針ワタアメ',
  explained: '標識説明スイカ',
};
const SHEET = { signs: '標識症状ドロップ', reason: '標識理由マカロン' };
const AMENDMENT = '標識追記ラムネ';
const CONTROL = '標識対照ビードロ';

/** Browsers write their caches when they have time. */
const SETTLE_MS = 2000;

let demo;
let control;
const state = tidy(temporary('residue-state'));
const temp = tidy(temporary('residue-tmp'));
before(async () => {
  // What the program and the browsers put into a temporary folder goes where it can be searched.
  process.env.TMPDIR = temp;
  demo = await start({ name: 'residue', state });
  control = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Cache-Control', 'max-age=3600');
    response.end(`<!doctype html><title>-</title><p>${CONTROL}</p>${'<p>.</p>'.repeat(300)}`);
  });
  await new Promise((done) => control.listen(0, '127.0.0.1', done));
});
after(async () => {
  control?.close();
  await demo?.stop();
  discard(temp);
});

for (const [engine, startPatient, purpose] of [
  ['Chromium', atChromium, 'followup-1'],
  ['Firefox', atFirefox, 'followup-2'],
]) {
  test(`nothing of a visit is left; patient at ${engine}`, { timeout: 300_000 }, async (t) => {
    const visit = go.visitFor(demo, purpose);
    const patient = await startPatient('patient', { screen: PHONE, keepProfile: true });
    const physician = await atChromium('physician', { screen: DESK, keepProfile: true });
    const words = [visit.name, visit.kana, visit.name.replace(' ', ''), SYMPTOM, ...Object.values(NOTE), ...Object.values(SHEET), AMENDMENT];
    try {
      // The control stands in the same profiles, put there by a page without no-store.
      for (const person of [patient, physician]) await person.open(`http://localhost:${control.address().port}/`);
      await go.enter(patient, visit);
      await patient.arrives('/visit/body');
      await patient.press('main details > summary');
      await patient.write('#words', SYMPTOM);
      await patient.press('[name=answer][value=new]');
      // Something new is asked about part by part.
      await go.noSymptom(patient);
      await go.asLastTime(patient);
      await go.checkDevice(patient);
      await patient.arrives('/visit/wait');

      await go.signIn(physician, demo, visit.physician).catch(async () => {
        // The second visit signs in within the same half minute: a code is good once.
        await sleep(30_000);
        await go.signIn(physician, demo, visit.physician);
      });
      await go.beginWork(physician, demo);
      await physician.open(`${demo.staff}/patients`);
      await physician.write('#q', visit.name);
      await physician.pressNamed('button', 'さがす');
      await physician.reads(visit.kana);
      await go.openVisit(physician, demo, visit);
      await physician.reads(SYMPTOM);
      await go.admit(physician);
      await physician.reads('画面で確かめる');
      await patient.arrives('/visit/call');
      await go.confirmStrip(physician);
      await go.writeNote(physician, NOTE);
      await go.measured(physician, demo, visit);
      // Something new makes it the first visit of a new disease, and that closes with a sheet for the patient.
      await go.enoughAndSign(physician, () => go.writeSheet(physician, SHEET));
      await physician.open(`${demo.staff}/patients/${visit.patient}/notes/${visit.consultation}`);
      await physician.write('#plan', AMENDMENT);
      await physician.write('#reason', AMENDMENT);
      await physician.pressNamed('button', '新しい版として確定する');
      await physician.reads('第2版');
      await patient.arrives('/visit/after');
      await patient.reads(NOTE.explained);
      await patient.reads(SHEET.signs);
      await sleep(SETTLE_MS);
    } finally {
      await Promise.all([patient.close(), physician.close()]);
    }

    const profiles = [patient.profile, physician.profile];
    const found = residue(profiles, [CONTROL]);
    for (const profile of profiles) {
      assert.ok(found.some((hit) => hit.file.startsWith(profile)), `the control is not found in ${profile}`);
    }
    // The database is sealed; the master key lies beside it and is no residue. demo.json tells the patients by design.
    const kept = readdirSync(demo.state)
      .filter((name) => name !== 'demo.json')
      .map((name) => join(demo.state, name));
    const places = [temp, ...kept];
    const hits = residue(places, words);
    t.diagnostic(`searched ${places.length} places for ${words.length} words in five spellings; the control was found ${found.length} times`);
    assert.deepEqual(hits, []);
    // The demo prints its patients' names when it starts, for the person who tries it; what came after is searched.
    const later = residue([demo.log], [SYMPTOM, ...Object.values(NOTE), ...Object.values(SHEET), AMENDMENT]);
    assert.deepEqual(later, []);
    for (const profile of profiles) discard(profile);
  });
}
