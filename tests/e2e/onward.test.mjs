// From a pre-consultation to a first visit by a physician who is not the regular one, and its plan for care in person.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const NOTE = {
  subjective: '三日前から鼻水。',
  objective: '元気な表情。息苦しさなし。',
  assessment: 'かぜのうたがい。',
  plan: '水分をとる。悪くなれば来院。',
  explained: '悪くなったら病院に来てください。',
};
const BIRTH = { era: 'showa', y: 30, m: 5, d: 6 };

let demo;
before(async () => {
  demo = await start({ name: 'onward' });
});
after(() => demo?.stop());

/** The hour in Japan, so many milliseconds from now, as a form writes it. */
const japan = (ms) => new Date(Date.now() + 9 * 3600_000 + ms).toISOString();

/** Whatever is asked before the waiting room. */
async function toWaitingRoom(patient, { again }) {
  const path = () => new URL(patient.page.url()).pathname;
  const answers = {
    '/visit/body': () => go.nothingNew(patient),
    '/visit/symptoms': () => go.noSymptom(patient),
    '/visit/explain': () => go.readExplanation(patient),
    '/visit/agree': () => go.agree(patient),
    '/visit/statement': () => (again ? go.asLastTime(patient) : go.sayPlace(patient)),
    '/visit/sharing': () => patient.press('form .is-main'),
    '/visit/device': () => go.checkDevice(patient),
  };
  for (let step = 0; step < 10 && path() !== '/visit/wait'; step += 1) {
    const here = path();
    assert.ok(answers[here], `nothing is known of ${here}`);
    await answers[here]();
    await patient.until(`a page after ${here}`, () => path() !== here);
  }
  await patient.arrives('/visit/wait');
}

/** Books in a few minutes, and gives the visit with the newest link. */
async function booked(reception, button) {
  const soon = japan(5 * 60_000);
  await reception.page.fill('#date', soon.slice(0, 10));
  await reception.page.fill('#time', soon.slice(11, 16));
  await reception.pressNamed('button', button);
  await reception.arrives(/^\/bookings\/[0-9A-Z]+$/);
  const consultation = new URL(reception.page.url()).pathname.split('/').at(-1);
  await reception.open(`${demo.staff}/outbox`);
  const [link] = (await reception.text()).match(new RegExp(`${demo.patient}/v/[\\w-]+`, 'g'));
  return { consultation, link, birth: BIRTH };
}

async function confirmed(patient) {
  if ((await patient.page.locator('[data-open=proof]').count()) === 0) return;
  await patient.press('[data-open=proof]');
  const confirm = patient.page.getByRole('button', { name: 'この医師で確認しました' });
  if (await confirm.count()) await patient.pressNamed('button', 'この医師で確認しました');
}

/** Accepted and identified, as far as it is asked; the start of care where it waits for a press. */
async function begin(physician) {
  if (await physician.page.locator('#accept').count()) {
    await physician.pressNamed('button', '説明して、希望を確かめ、同意を受けた');
    await physician.until('the acceptance', () => physician.page.locator('#accept').count().then((n) => n === 0));
  }
  if (await physician.page.locator('#identity').count()) {
    await physician.choose('#document', 'driving_licence');
    await physician.pressNamed('button', '本人と一致');
    await physician.until('the identity', () => physician.page.locator('#identity').count().then((n) => n === 0));
  }
  const start = physician.page.getByRole('button', { name: /^(診察|相談)を始める$/ });
  if (await start.count()) await physician.press('[data-main]:not([aria-disabled=true])');
}

test('a pre-consultation leads on to a first visit, and that to care in person', { timeout: 400_000 }, async (t) => {
  const patient = await atChromium('patient', { screen: PHONE });
  const reception = await atChromium('reception', { screen: DESK });
  const physician = await atChromium('physician', { screen: DESK });
  const before = ledger(demo).at(-1)?.seq ?? -1;
  const faults = [];
  try {
    await patient.open(`${demo.patient}/request/pre`);
    await patient.press('label:has([name=known])');
    await patient.choose('[name=era]', BIRTH.era);
    for (const [name, value] of [['name', '例山 みつ'], ['kana', 'れいやま みつ'], ['year', '30'], ['month', '5'], ['day', '6'], ['phone', '090-0000-7777'], ['address', '長野県みほん郡みずうみ町1-2'], ['about', 'はなみず']]) {
      await patient.write(`[name=${name}]`, value);
    }
    await patient.press('label:has([name=no_regular])');
    await patient.pressNamed('button', '申し込む');
    await patient.reads('まだ予約ではありません');

    await go.signIn(reception, demo, 'karino');
    await reception.open(`${demo.staff}/requests`);
    await reception.press('main a:has-text("例山 みつ")');
    await reception.arrives(/^\/requests\/.+/);
    const physicianId = await reception.page.$eval('#physician', (select) => [...select.options].find((one) => one.text.includes('例沢'))?.value ?? select.value);
    await reception.choose('#physician', physicianId);
    const talk = await booked(reception, '予約して、リンクを送る');
    await go.enter(patient, talk);
    await toWaitingRoom(patient, { again: false });

    await go.signIn(physician, demo, 'reizawa');
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, talk);
    await go.admit(physician);
    await patient.arrives('/visit/call');
    await seesAndHears(patient);
    await confirmed(patient);
    await begin(physician);
    await physician.seen('#heard');
    await physician.write('#heard', '三日前から鼻水。');
    await physician.press('label:has([name=outcome][value=first_visit])');
    await physician.write('#told-words', '初診の予約をします。');
    await physician.pressNamed('button', '終える');
    await physician.reads('オンラインの初診へ進む');
    await physician.press('a:has-text("初診の準備をする")');
    await physician.arrives(/^\/onward\/.+/);
    faults.push(...(await look(physician, 'onward-ground')));

    await reception.open(`${demo.staff}/tasks`);
    await reception.press('a:has-text("初診の準備をする")');
    await reception.arrives(/^\/onward\/.+/);
    await reception.press('label:has([name=ground][value=no_regular])');
    await reception.pressNamed('button', 'この内容で進む');
    await reception.reads('初診の日時');
    faults.push(...(await look(reception, 'onward-hour')));
    const visit = await booked(reception, '予約して、リンクを送る');

    await go.enter(patient, visit);
    await toWaitingRoom(patient, { again: true });
    await physician.open(`${demo.staff}/today`);
    await go.openVisit(physician, demo, visit);
    await go.admit(physician);
    await patient.arrives('/visit/call');
    await seesAndHears(patient);
    await seesAndHears(physician);
    await confirmed(patient);
    await begin(physician);
    await go.confirmStrip(physician);
    await go.writeNote(physician, NOTE);
    await physician.seen('#linkage #ln-condition');
    await physician.press('#linkage label:has([name=place])');
    await physician.write('#ln-condition', '熱が出たら');
    await physician.press('#linkage label:has([name=who][value=patient])');
    await physician.pressNamed('button', '決める');
    await physician.until('the plan', () => physician.page.locator('#linkage .on-chip.is-ok').count());
    await physician.press('#linkage label:has([name=needed][value=no])');
    await physician.write('#gu-reason', '急ぐ心配はない');
    await physician.pressNamed('button', '答える');
    await physician.until('the answer', () => physician.page.locator('#linkage .on-chip.is-ok').count().then((n) => n === 2));
    faults.push(...(await look(physician, 'onward-linkage', { sizes: [DESK] })));
    await go.measured(physician, demo, visit);
    await go.enoughAndSign(physician, () => go.writeSheet(physician, { signs: '息苦しい、顔色が悪い', reason: 'よくなる見こみ' }));
    await reception.open(`${demo.staff}/tasks`);
    await reception.reads('対面の診療につながったか');
    await reception.reads('熱が出たら');
    await reception.open(`${demo.staff}/partners`);
    faults.push(...(await look(reception, 'onward-partners')));
    assert.deepEqual(faults, []);
    t.diagnostic(`presses: physician ${physician.presses.length} (${physician.presses.join(' · ')})`);
  } finally {
    await Promise.all([patient.picture('onward-patient'), physician.picture('onward-physician'), reception.picture('onward-reception')]).catch(() => {});
    await Promise.all([patient.close(), physician.close(), reception.close()]);
  }
  const left = ledger(demo).filter((entry) => entry.seq > before);
  for (const subject of ['preconsultation.opened', 'linkage.planned', 'guidance.not_needed', 'consultation.closed', 'task.opened']) {
    assert.ok(left.some((entry) => entry.subject === subject), subject);
  }
});
