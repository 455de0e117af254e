// Emergency contraception from the telephone call to its three-week task: what reception asks, what the patient chooses, one tablet, and what stays open.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const NOTE = {
  subjective: '昨夜のこと。持病なし。',
  objective: '落ち着いて話せる。',
  assessment: '適応あり。',
  plan: '1錠。三週間後に対面。',
  explained: '薬局で薬剤師の前で飲みます。三週間後に受診してください。',
};
const PLACE = '長野県みほん郡みずうみ町1';
const DAY_MS = 24 * 3600_000;

let demo;
before(async () => {
  demo = await start({ name: 'contraception' });
});
after(() => demo?.stop());

test('emergency contraception goes from the telephone to its three-week task', { timeout: 400_000 }, async (t) => {
  const known = go.visitFor(demo, 'tomorrow-2', { open: false });
  const reception = await atChromium('reception', { screen: DESK });
  const patient = await atChromium('patient', { screen: PHONE });
  const physician = await atChromium('physician', { screen: DESK });
  const before = ledger(demo).at(-1)?.seq ?? -1;
  const faults = [];
  try {
    await go.signIn(reception, demo, 'karino');
    await reception.open(`${demo.staff}/contraception/new?patient=${known.patient}`);
    faults.push(...(await look(reception, 'contraception-new')));
    await reception.write('#place', PLACE);
    await reception.pressNamed('button', '近くの医療機関を出す');
    await reception.reads('見本やまなみ産婦人科');
    await reception.reads('見本 女性の健康相談');
    faults.push(...(await look(reception, 'contraception-shown')));
    await reception.write('#because', '車がなく 終電もない');
    await reception.pressNamed('button', '次へ');
    await reception.pressNamed('button', '地理的な理由で進む');
    faults.push(...(await look(reception, 'contraception-book')));
    await go.writeHour(reception, 10);
    await reception.pressNamed('button', '予約して 招待を送る');
    await reception.arrives(/^\/bookings\/[0-9A-Z]+$/);
    const consultation = new URL(reception.page.url()).pathname.split('/').at(-1);
    const link = await go.newestLink(reception, demo);
    const visit = { ...known, consultation, link, physician: 'reizawa' };

    await go.openLink(patient, visit);
    await go.sayBirthDate(patient, visit.birth);
    await patient.arrives(/^\/visit\/.+/);
    await go.goesOnTo(patient, '/visit/pharmacy');
    faults.push(...(await look(patient, 'pharmacy')));
    await patient.pressNamed('button', '読みました。ここに行きます');
    await go.checkDevice(patient);
    await patient.arrives('/visit/wait');

    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await go.admit(physician);
    await patient.arrives('/visit/call');
    await seesAndHears(patient);
    await seesAndHears(physician);
    await go.confirmsPhysician(patient);
    await go.beginCare(physician);
    await go.confirmStrip(physician);
    await go.writeNote(physician, NOTE);

    await physician.seen('#contraception #fu-on');
    await physician.pressNamed('button', '説明した');
    await physician.until('the explanation', () => physician.page.locator('#contraception .on-chip.is-ok').count());
    await physician.write('#fu-institution', '見本やまなみ産婦人科');
    await physician.write('#fu-phone', '00-5555-0001');
    await physician.page.fill('#fu-on', go.japan(21 * DAY_MS).slice(0, 10));
    await physician.pressNamed('button', 'この日で決める');
    await physician.until('the day', () => physician.page.locator('#contraception .on-chip.is-ok').count().then((n) => n === 2));
    await physician.pressNamed('button', 'アスノミドリ錠1.5mg を 1錠、院外で');
    await physician.seen('#orders tbody tr');
    await physician.pressNamed('button', '患者と確かめた');
    await physician.until('the review', () => physician.page.locator('#medicines .on-chip.is-ok').count());
    faults.push(...(await look(physician, 'contraception-live', { sizes: [DESK] })));
    await go.measured(physician, demo, visit);
    await go.enoughAndSign(physician);

    await reception.open(`${demo.staff}/tasks`);
    await reception.reads('三週間後の受診の確認');
    await reception.reads('薬局からの報告');
    await reception.press(`section:has-text("三週間後の受診の確認") a.on-btn`);
    await reception.arrives(/^\/contraception\/.+/);
    await reception.reads('対面診察の結果か、3回の連絡の記録が要ります');
    faults.push(...(await look(reception, 'contraception-course')));
    assert.deepEqual(faults, []);
    t.diagnostic(`presses: physician ${physician.presses.length} (${physician.presses.join(' · ')})`);
  } finally {
    await Promise.all([patient.picture('contraception-patient'), physician.picture('contraception-physician'), reception.picture('contraception-reception')]).catch(() => {});
    await Promise.all([patient.close(), physician.close(), reception.close()]);
  }
  const left = ledger(demo).filter((entry) => entry.seq > before);
  for (const subject of ['pathway.shown', 'pathway.grounded', 'pathway.ordered', 'prescription.signed', 'task.opened']) {
    assert.ok(left.some((entry) => entry.subject === subject), subject);
  }
});
