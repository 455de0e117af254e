// Storage fails while people talk: nothing is saved, every page says so, and picture and sound go on.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { holdWrites, ledger, measuredSeconds } from './lib/database.mjs';
import { start } from './lib/onshin.mjs';
import { received, seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

/** Longer than the lease of the physician's seat (15 s), which cannot be renewed meanwhile. */
const OUTAGE_MS = 25_000;
const NOTE = { subjective: '変わりなし。', objective: '顔色よし。', assessment: '安定。', plan: '続ける。', explained: '続けましょう。' };
const NOT_SAVED = 'いまは 保存できません';
const SAVES_NOTHING = 'いまは 何も保存できていません';

let demo;
before(async () => {
  demo = await start({ name: 'storage' });
});
after(() => demo?.stop());

test('a call does not depend on storage, and is finished when storage is back', { timeout: 300_000 }, async (t) => {
  const visit = go.visitFor(demo, 'followup-1');
  const patient = await atChromium('patient', { screen: PHONE });
  const physician = await atChromium('physician', { screen: DESK });
  let release = async () => {};
  try {
    await go.toWaitingRoom(patient, visit);
    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');
    await go.admit(physician);
    await physician.reads('画面で確かめる');
    await patient.arrives('/visit/call');
    await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    await go.measured(physician, demo, visit, 5);
    const [before, counted] = [ledger(demo).length, measuredSeconds(demo, visit)];
    const seen = await Promise.all([received(patient), received(physician)]);

    release = await holdWrites(demo);
    const began = Date.now();

    // Nobody pressed anything, and the page says it.
    await physician.reads(SAVES_NOTHING);

    // The physician writes and is told; name and picture stay where they are.
    await go.writeNote(physician, { subjective: NOTE.subjective });
    const [answer] = await Promise.all([
      physician.page.waitForResponse((each) => each.url().endsWith('/note') && each.request().method() === 'POST'),
      physician.pressNamed('button', '下書きを保存'),
    ]);
    assert.equal(answer.status(), 503);
    await physician.reads(NOT_SAVED);
    assert.ok((await physician.text()).includes(visit.name), 'the name stays on the screen');
    assert.equal(await physician.page.inputValue('#subjective'), NOTE.subjective, 'what was written stays there');

    // The patient opens a page that has to be written down: words and the telephone, and the call goes on beside it.
    const call = await patient.newTab();
    assert.equal(await patient.open(`${demo.patient}/visit/physician`), 503);
    await patient.reads(NOT_SAVED);
    await patient.seen('a[href^="tel:"]');
    await patient.page.close();
    patient.useTab(call);

    await sleep(Math.max(0, OUTAGE_MS - (Date.now() - began)));
    await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    const now = await Promise.all([received(patient), received(physician)]);
    const frames = now.map((each, who) => each.frames - seen[who].frames);
    t.diagnostic(`frames decoded in ${Date.now() - began} ms without storage: patient ${frames[0]}, physician ${frames[1]}`);
    assert.ok(frames.every((count) => count > 100), `${frames}`);
    assert.equal(ledger(demo).length, before, 'nothing was written');
    assert.equal(measuredSeconds(demo, visit), counted);

    // Back, and said: what was counted meanwhile is kept, and the visit is finished as ever.
    await release();
    await physician.until('saving', async () => !(await physician.text()).includes(SAVES_NOTHING));
    const total = await go.measured(physician, demo, visit);
    t.diagnostic(`seconds kept before ${counted}, after ${total}`);
    await go.confirmStrip(physician);
    await go.writeNote(physician, NOTE);
    await go.enoughAndSign(physician);
    await physician.reads('終了');
    await patient.arrives('/visit/after');
  } finally {
    await release();
    await Promise.all([patient.close(), physician.close()]);
  }
});
