// An emergency start: care before paper. The paper is read in a sheet over the running call, and the picture goes on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger } from './lib/database.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import { untilNext } from './lib/totp.mjs';
import * as go from './lib/visit.mjs';

let demo;
before(async () => {
  demo = await start({ name: 'emergency' });
});
after(() => demo?.stop());

test('explained and agreed on the phone while the call runs', { timeout: 300_000 }, async () => {
  const visit = go.visitFor(demo, 'first-visit-2');
  const patient = await atChromium('patient-emergency', { screen: PHONE });
  const physician = await atChromium('physician-emergency', { screen: DESK });
  try {
    await go.enter(patient, visit);
    await go.signIn(physician, demo, visit.physician);
    await physician.open(`${demo.staff}/consultations/${visit.consultation}`);
    await physician.picture('gaps-admit-open');
    await physician.open(`${demo.staff}/consultations/${visit.consultation}/emergency`);
    await physician.press('label:has([name=reason][value=sudden_change])');
    await physician.page.click('form button.is-bad');
    await physician.arrives(`/consultations/${visit.consultation}`);

    await patient.open(`${demo.patient}/visit`);
    await patient.arrives('/visit/call');
    await seesAndHears(patient);
    await seesAndHears(physician);
    const opened = await patient.page.evaluate(() => performance.timeOrigin);
    await patient.picture('gaps-call-owed');
    await patient.press('#people [data-open=owed]');
    await patient.seen('#owed form section');
    await patient.picture('gaps-owed-explain');
    await patient.pressNamed('button', '読みました。分かりました');
    await patient.seen('#owed label:has([name=kind])');
    await patient.picture('gaps-owed-agree');
    await patient.press('#owed label:has([name=wish][value=yes])');
    for (const kind of ['online_care', 'security_risk', 'system_use']) await patient.press(`#owed label:has([name=kind][value=${kind}])`);
    await patient.pressNamed('button', '選んだものに同意する');
    await patient.reads('説明と同意は すみました');
    await patient.picture('gaps-owed-done');
    await patient.press('#owed [data-close]');
    await patient.until('the button to go', () => patient.page.locator('#people [data-open=owed]').count().then((n) => n === 0));
    assert.equal(await patient.page.evaluate(() => performance.timeOrigin), opened, 'the page of the call was never left');
    await seesAndHears(patient);

    await physician.seen('#watch #accept');
    await physician.picture('gaps-watch-accept');
    await physician.pressNamed('button', '説明して、希望を確かめ、同意を受けた');
    await physician.until('the acceptance', () => physician.page.locator('#accept').count().then((n) => n === 0));

    // Somebody is beside the physician: asked on the phone, answered at the desk, told on the phone.
    await patient.press('[data-open=cannot-hear]');
    await patient.picture('gaps-help-sheet');
    await patient.pressNamed('button', /医師のそばに/);
    await patient.reads('医師に聞いています');
    await physician.seen('#watch #beside');
    await physician.picture('gaps-watch-beside');
    await physician.pressNamed('button', 'いた人に 出てもらいました');
    await patient.reads('医師の答え: 出てもらいました');
    await patient.picture('gaps-call-answered');
    const left = ledger(demo).map((entry) => entry.subject);
    for (const subject of ['consultation.emergency_started', 'explanation.acknowledged', 'agreement.accepted', 'place.doubted', 'place.answered']) {
      assert.ok(left.includes(subject), subject);
    }
    assert.deepEqual(patient.complaints, []);
    assert.deepEqual(physician.complaints, []);
  } finally {
    await patient.close();
    await physician.close();
  }
});

test('what was typed stays under the cover, and one proof gives it back', { timeout: 120_000 }, async () => {
  const visit = go.visitFor(demo, 'note-unsigned', { open: false });
  const physician = await atChromium('physician-cover', { screen: DESK });
  try {
    // The same person signed in a moment ago: a code is taken once.
    await sleep(untilNext());
    await go.signIn(physician, demo, visit.physician);
    await physician.open(`${demo.staff}/consultations/${visit.consultation}`);
    await physician.page.evaluate(() => fetch('/lock', { method: 'POST' }));
    await physician.write('#objective', '顔色よい。覆われる前に書いた。');
    await physician.press('#note [formaction$="/note"]');
    await physician.seen('#on-cover[open]');
    await physician.picture('gaps-cover');
    await physician.write('#on-proof', 'wrong wrong wrong');
    await physician.pressKey('Enter');
    await physician.seen('#on-cover [data-refused]:not([hidden])');
    await physician.picture('gaps-cover-refused');
    await physician.write('#on-proof', go.worker(demo, visit.physician).password);
    await physician.pressKey('Enter');
    await physician.until('the cover to lift', () => physician.page.locator('#on-cover[open]').count().then((n) => n === 0));
    assert.equal(await physician.page.inputValue('#objective'), '顔色よい。覆われる前に書いた。');
    await physician.press('#note [formaction$="/note"]');
    await physician.until('the draft', () => physician.page.inputValue('#objective').then((text) => text.includes('覆われる前')));
    await physician.picture('gaps-uncovered');
  } finally {
    await physician.close();
  }
});
