// A first visit prescribed for: eight days are refused with the number, seven are signed with the note, and the patient reads them.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { received, seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const NOTE = {
  subjective: '鼻水とくしゃみが1週間。',
  objective: '熱なし。息苦しさなし。',
  assessment: '花粉症のうたがい。',
  plan: '薬をためす。悪くなれば来院。',
  explained: '薬をためしましょう。悪くなったら病院に来てください。',
};
const DRUG = 'ミホンジピン錠5mg';

let demo;
before(async () => {
  demo = await start({ name: 'prescribed' });
});
after(() => demo?.stop());

/** Chooses the drug that was found, and orders it for so many days. */
async function order(physician, days) {
  await physician.write('#q', 'みほんじぴん');
  await physician.until('the drug to be found', () => physician.page.locator('#found').textContent().then((text) => text.includes(DRUG)));
  await physician.pressNamed('link', DRUG);
  await physician.seen('#order-line #days');
  await physician.choose('#usage', 'breakfast');
  await physician.write('#days', String(days));
  await physician.pressNamed('button', 'この行を足す');
}

test('a first visit is prescribed for seven days, never for eight', { timeout: 300_000 }, async (t) => {
  const visit = go.visitFor(demo, 'first-visit');
  const patient = await atChromium('patient', { screen: PHONE });
  const physician = await atChromium('physician', { screen: DESK });
  const before = ledger(demo).at(-1)?.seq ?? -1;
  const faults = [];
  try {
    await go.enter(patient, visit);
    await go.nothingNew(patient);
    await go.noSymptom(patient);
    await go.readExplanation(patient);
    await go.agree(patient);
    await go.sayPlace(patient);
    await go.checkDevice(patient);
    await patient.arrives('/visit/wait');
    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await go.admit(physician);
    await patient.arrives('/visit/call');
    await seesAndHears(patient);
    await seesAndHears(physician);
    await patient.press('[data-open=proof]');
    await patient.pressNamed('button', 'この医師で確認しました');
    await patient.arrives('/visit/call');
    await physician.pressNamed('button', '説明して、希望を確かめ、同意を受けた');
    await physician.until('the acceptance', () => physician.page.locator('#accept').count().then((n) => n === 0));
    // The comparison rests on the picture as the server counted it, every few seconds.
    await go.measured(physician, demo, visit, 1);
    await physician.choose('#document', 'driving_licence');
    await physician.pressNamed('button', '本人と一致');
    await physician.until('the identity', () => physician.page.locator('#identity').count().then((n) => n === 0));
    await physician.pressNamed('button', '診察を始める');
    await physician.reads('画面で確かめる');
    await go.confirmStrip(physician);
    await go.writeNote(physician, NOTE);

    const line = await received(physician);
    await order(physician, 8);
    await physician.reads('合わせて7日分まで');
    assert.equal(await physician.page.locator('#orders tbody tr').count(), 0, 'a refused line is not kept');
    await order(physician, 7);
    await physician.seen('#orders tbody tr');
    await physician.pressNamed('button', '患者と確かめた');
    await physician.reads('患者と確かめた');
    await physician.until('the review', () => physician.page.locator('#medicines .on-chip.is-ok').count());
    faults.push(...(await look(physician, 'orders-live', { sizes: [DESK] })));
    // The pane was swapped; neither the call nor what was typed was touched.
    assert.ok((await received(physician)).frames >= line.frames);
    assert.equal(await physician.page.locator('#assessment').inputValue(), NOTE.assessment);

    await go.measured(physician, demo, visit);
    await go.enoughAndSign(physician, () => go.writeSheet(physician, { signs: '息が苦しい。', reason: '薬で治る見こみ。' }));
    await patient.arrives('/visit/after');
    await patient.reads(DRUG);
    await patient.reads('7日分');
    await patient.reads('薬のことで 気になるとき');
    await patient.page.reload();
    faults.push(...(await look(patient, 'after-drugs', { sizes: [PHONE] })));
    assert.deepEqual(faults, []);
    assert.deepEqual(patient.complaints, []);
    t.diagnostic(`presses: physician ${physician.presses.length} (${physician.presses.join(' · ')})`);
  } finally {
    await physician.picture('prescribed-physician').catch(() => {});
    await Promise.all([patient.close(), physician.close()]);
  }
  const left = ledger(demo).filter((entry) => entry.seq > before);
  for (const subject of ['prescription.signed', 'medication.reviewed', 'refusal.recorded', 'task.opened']) {
    assert.ok(left.some((entry) => entry.subject === subject), subject);
  }
});
