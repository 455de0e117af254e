// With scripts off: a patient comes as far as the waiting room; staff book, sign in, write and finalise.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { rows } from './lib/database.mjs';
import { start } from './lib/onshin.mjs';
import * as go from './lib/visit.mjs';

let demo;
before(async () => {
  demo = await start({ name: 'noscript' });
});
after(() => demo?.stop());

test('a patient without script comes to the waiting room; the device check offers the telephone', { timeout: 120_000 }, async () => {
  const visit = go.visitFor(demo, 'followup-1');
  const patient = await atChromium('patient-noscript', { screen: PHONE, script: false });
  try {
    await go.enter(patient, visit);
    await go.nothingNew(patient);
    await go.asLastTime(patient);
    await patient.arrives('/visit/device');
    await patient.reads('病院が電話で手伝います');
    await patient.picture('noscript-device');
    await patient.press('noscript button, button[name=skip]:visible');
    await patient.arrives('/visit/wait');
    await patient.reads('受付しました');
    assert.ok(await patient.page.locator('meta[http-equiv=refresh]').count(), 'the waiting room looks again by itself');
    assert.ok(await patient.page.locator('a[href^="tel:"]').count());
    await patient.picture('noscript-wait');
  } finally {
    await patient.close();
  }
});

test('reception books without script, and the link of the message works', { timeout: 120_000 }, async () => {
  const reception = await atChromium('reception-noscript', { screen: DESK, script: false });
  const visit = go.visitFor(demo, 'closed-today', { open: false });
  try {
    await go.signIn(reception, demo, 'karino');
    await reception.open(`${demo.staff}/bookings/new`);
    await reception.write('#q', visit.name);
    await reception.pressNamed('button', 'さがす');
    await reception.press('[name=patient]');
    const soon = new Date(Date.now() + 9 * 3600_000 + 15 * 60_000).toISOString();
    await reception.page.fill('#date', soon.slice(0, 10));
    await reception.page.fill('#time', soon.slice(11, 16));
    await reception.pressNamed('button', '予約して 招待を送る');
    await reception.reads('招待');
    const [[count]] = rows(demo.state, 'SELECT COUNT(*) FROM consultation WHERE patient = ?', visit.patient);
    assert.ok(count >= 2);
    await reception.open(`${demo.staff}/today`);
    await reception.reads(visit.name);
    await reception.open(`${demo.staff}/outbox`);
    const message = (await reception.text()).match(new RegExp(`${demo.patient}/v/\\S+`, 'g'));
    assert.ok(message?.length, 'the message is in the outbox');
  } finally {
    await reception.close();
  }
});

test('a physician without script signs in, writes an amendment and finalises it', { timeout: 120_000 }, async () => {
  const physician = await atChromium('physician-noscript', { screen: DESK, script: false });
  const clinic = demo.clinic.clinic.id;
  try {
    await go.signIn(physician, demo, 'reizawa');
    const me = rows(demo.state, 'SELECT physician FROM consultation WHERE tenant = ? AND id = ?', clinic, go.visitFor(demo, 'followup-1').consultation)[0][0];
    const [[patient, visit]] = rows(
      demo.state,
      'SELECT note.patient, note.consultation FROM note JOIN consultation ON consultation.id = note.consultation WHERE note.tenant = ? AND consultation.physician = ? AND note.finalized_at IS NOT NULL LIMIT 1',
      clinic,
      me,
    );
    const versions = () => rows(demo.state, 'SELECT COUNT(*) FROM note WHERE consultation = ? AND finalized_at IS NOT NULL', visit)[0][0];
    const before = versions();
    await physician.open(`${demo.staff}/patients/${patient}/notes/${visit}`);
    await physician.write('#plan', '次は来院で採血。(追記)');
    await physician.write('#reason', '採血を書きもらした');
    await physician.pressNamed('button', '新しい版として確定する');
    await physician.reads('採血を書きもらした');
    await physician.picture('noscript-amended');
    assert.equal(versions(), before + 1, 'what stood before stays');
  } finally {
    await physician.close();
  }
});
