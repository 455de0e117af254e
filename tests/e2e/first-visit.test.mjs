// A first visit: explained, agreed, the physician's proof answered, identity shown to the camera, begun, closed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger } from './lib/database.mjs';
import { start } from './lib/onshin.mjs';
import { received, seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const MUST_LEAVE = {
  'explanation.shown': 2,
  'explanation.acknowledged': 3,
  'wish.stated': 1,
  'agreement.given': 3,
  'proof.shown': 1,
  'proof.answered': 1,
  'room.admitted': 1,
  'agreement.accepted': 1,
  'wish.confirmed': 1,
  'explanation.given': 1,
  'agreement.charted': 1,
  'identity.checked': 1,
  'consultation.begun': 1,
  'third_party.checked': 1,
  'suitability.judged': 2,
  'consultation.closed': 1,
  'sheet.delivered': 1,
};

const NOTE = {
  subjective: '鼻水とくしゃみが1週間。',
  objective: '熱なし。息苦しさなし。',
  assessment: '花粉症のうたがい。',
  plan: '薬をためす。悪くなれば来院。',
  explained: '薬をためしましょう。悪くなったら病院に来てください。',
};

/** What follows, told to the patient; where to go is filled in already. */
const SHEET = { signs: '息が苦しい。熱が3日つづく。', reason: '薬で治る見こみ。' };

let demo;
before(async () => {
  demo = await start({ name: 'first-visit' });
});
after(() => demo?.stop());

test('a first visit: admit is not begin', { timeout: 300_000 }, async (t) => {
  const visit = go.visitFor(demo, 'first-visit');
  const patient = await atChromium('patient', { screen: PHONE });
  const physician = await atChromium('physician', { screen: DESK });
  const before = ledger(demo).at(-1)?.seq ?? -1;
  try {
    await go.enter(patient, visit);
    await go.nothingNew(patient);
    await go.noSymptom(patient);
    assert.equal(await go.readExplanation(patient), 3, 'two texts and the plan, on one page');
    t.diagnostic(`agreements: ${(await go.agree(patient)).join(' ')}`);
    await go.sayPlace(patient);
    await go.checkDevice(patient);
    await patient.arrives('/visit/wait');

    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');

    await go.admit(physician);
    await physician.reads('診察を始める前に');
    await patient.arrives('/visit/call');
    const admitted = await seesAndHears(patient);
    assert.ok(admitted.width > 0);
    await seesAndHears(physician);
    // Seen and heard, but not begun: nothing can be signed, and care waits for what is due.
    assert.equal(await physician.page.getByText('まとめて署名して終える').count(), 0);
    assert.ok(await physician.page.locator('[data-main][aria-disabled=true]').count());

    // Who cannot hear is seen by the physician until it works again.
    await patient.press('[data-open=cannot-hear]');
    await physician.reads('患者が「聞こえない・困った」を押しました');
    await patient.pressNamed('button', '聞こえました');
    await physician.until('the trouble to be over', () => physician.page.locator('#help').count().then((n) => n === 0));

    // The physician's proof: the patient must answer at the first meeting.
    await patient.press('[data-open=proof]');
    await patient.pressNamed('button', 'この医師で確認しました');
    await patient.arrives('/visit/call');
    await seesAndHears(patient);

    await physician.pressNamed('button', '説明して、希望を確かめ、同意を受けた');
    await physician.until('the acceptance', () => physician.page.locator('#accept').count().then((n) => n === 0));
    await physician.choose('#document', 'driving_licence');
    await physician.pressNamed('button', '本人と一致');
    await physician.until('the identity', () => physician.page.locator('#identity').count().then((n) => n === 0));
    const line = await received(physician);
    await physician.pressNamed('button', '診察を始める');
    await physician.reads('画面で確かめる');
    // The block was swapped, the call was not touched.
    assert.ok((await received(physician)).frames >= line.frames);

    await go.confirmStrip(physician);
    await go.writeNote(physician, NOTE);
    t.diagnostic(`the server counted ${await go.measured(physician, demo, visit)} s both ways`);
    await go.enoughAndSign(physician, () => go.writeSheet(physician, SHEET));
    await physician.reads('終了');
    await patient.arrives('/visit/after');
    await patient.reads(NOTE.explained);
    await patient.reads(SHEET.signs);

    assert.deepEqual(patient.complaints, []);
    assert.deepEqual(physician.complaints, []);
    t.diagnostic(`presses: patient ${patient.presses.length} (${patient.presses.join(' · ')})`);
    t.diagnostic(`presses: physician ${physician.presses.length} (${physician.presses.join(' · ')})`);
  } finally {
    await Promise.all([patient.close(), physician.close()]);
  }
  const left = ledger(demo).filter((entry) => entry.seq > before);
  const lacking = Object.entries(MUST_LEAVE).filter(
    ([subject, times]) => left.filter((entry) => entry.subject === subject).length < times,
  );
  assert.deepEqual(lacking, [], `the ledger holds ${[...new Set(left.map((entry) => entry.subject))].sort().join(' ')}`);
});
