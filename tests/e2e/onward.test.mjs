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

/** Books in a few minutes, and gives the visit with the newest link. */
async function booked(reception, button) {
  await go.writeHour(reception, 5);
  await reception.pressNamed('button', button);
  await reception.arrives(/^\/bookings\/[0-9A-Z]+$/);
  const consultation = new URL(reception.page.url()).pathname.split('/').at(-1);
  return { consultation, link: await go.newestLink(reception, demo), birth: BIRTH };
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
    await go.goesOnTo(patient, '/visit/wait', {
      '/visit/statement': () => go.sayPlace(patient),
      '/visit/sharing': () => patient.press('form .is-main'),
    });

    await go.signIn(physician, demo, 'reizawa');
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, talk);
    await go.admit(physician);
    await patient.arrives('/visit/call');
    await seesAndHears(patient);
    await go.confirmsPhysician(patient);
    await go.beginCare(physician);
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
    await go.goesOnTo(patient, '/visit/wait');
    await physician.open(`${demo.staff}/today`);
    await go.openVisit(physician, demo, visit);
    await go.admit(physician);
    await patient.arrives('/visit/call');
    await seesAndHears(patient);
    await seesAndHears(physician);
    await go.confirmsPhysician(patient);
    await go.beginCare(physician);
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
