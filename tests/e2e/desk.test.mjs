// The staff's work, state by state, on the narrowest phone and on a desk: a visit from the gate to the amendment, the
// exits, the board with an alarm and without its line, and what people see once. Pictures are in out/.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { holdWrites } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import { code } from './lib/totp.mjs';
import * as go from './lib/visit.mjs';

const FILE_MS = 300_000;
const NOTE = { subjective: '変わりなし。', objective: '顔色よし。', assessment: '安定。', plan: '続ける。', explained: '続けましょう。' };

let demo;
before(async () => {
  demo = await start({ name: 'desk' });
});
after(() => demo?.stop());

async function withStaff(name, login, work, options = {}) {
  const person = await atChromium(name, { screen: DESK, ...options });
  const faults = [];
  const see = async (page) => faults.push(...(await look(person, `desk-${page}`, { english: options.language === 'en-GB' })));
  try {
    if (options.language !== 'en-GB') await go.signIn(person, demo, login);
    await work(person, see);
  } finally {
    await person.close();
  }
  assert.deepEqual(faults, []);
}

/** Sends the page's form as a browser would that checks nothing by itself. */
async function unchecked(person) {
  await person.evaluate(() => document.querySelectorAll('main form').forEach((form) => form.setAttribute('novalidate', '')));
  await person.press('main form .is-main');
  await person.seen('.on-errors');
}

test('a visit at the desk, from the gate to the amendment', { timeout: FILE_MS }, () =>
  withStaff('desk-physician', 'reizawa', async (physician, see) => {
    const visit = go.visitFor(demo, 'followup-1');
    const own = `${demo.staff}/consultations/${visit.consultation}`;
    const patient = await atChromium('desk-patient', { screen: PHONE });
    try {
      await go.beginWork(physician, demo);
      await see('work-open');
      await physician.open(own);
      await physician.reads('まだ呼べません');
      await see('gate-open');
      await go.toWaitingRoom(patient, visit);
      await physician.reads('呼べます');
      await see('gate-met');
      await go.admit(physician);
      await physician.reads('画面で確かめる');
      await patient.arrives('/visit/call');
      await seesAndHears(physician);
      await see('strip');
      // On a phone the physician's next act stands right under the picture.
      await physician.page.setViewportSize(PHONE);
      const order = await physician.evaluate(() => ['.on-dock', '#strip', '#answers, .on-stick > section:not(.on-dock)'].map((part) => document.querySelector(part).getBoundingClientRect().top));
      assert.deepEqual([...order].sort((a, b) => a - b), order, 'picture, act, chart');
      await physician.page.setViewportSize(DESK);
      await go.confirmStrip(physician);
      await go.writeNote(physician, NOTE);
      await physician.pressNamed('button', '下書きを保存');
      await physician.reads('に保存');
      await see('live');
      await go.measured(physician, demo, visit, 30);
      await physician.pressNamed('button', '足りる。最終も「適する」');
      await physician.reads('まとめて署名して終える');
      await see('closing-not-yet');
      await physician.open(`${own}/unperformed`);
      await see('unperformed');
      await unchecked(physician);
      await see('unperformed-errors');
      // Away from the picture nothing is counted; back at it the number on the page grows by itself.
      await physician.open(own);
      await physician.reads('まとめて署名して終える');
      const seconds = await go.measured(physician, demo, visit);
      await physician.until('the seconds on the page', async () => Number(/流れた時間 (\d+)秒/.exec(await physician.page.locator('#measured').innerText())?.[1]) >= seconds);
      await physician.open(own);
      await see('closing');
      await physician.pressNamed('button', 'まとめて署名して終える');
      await physician.reads('診察の記録');
      await see('over');
      await physician.open(`${demo.staff}/patients/${visit.patient}/notes/${visit.consultation}`);
      await unchecked(physician);
      await see('amend-errors');
    } finally {
      await patient.close();
    }
  }),
);

test('a hand-over to care in person is written once, by a person who sees every field', { timeout: FILE_MS }, () =>
  withStaff('desk-stop', 'reizawa', async (physician, see) => {
    const visit = go.visitFor(demo, 'followup-2');
    await physician.open(`${demo.staff}/consultations/${visit.consultation}/stop`);
    await see('stop');
    await physician.press('label:has([name=reason][value=other])');
    await physician.write('[name=words]', '足の傷を直接みる');
    await physician.write('[name=destination]', '');
    await physician.write('[name=told]', '電話で、あす来院と伝えた');
    await unchecked(physician);
    await see('stop-errors');
    await physician.reads('行き先: 入れてください。');
    assert.equal(await physician.page.inputValue('[name=words]'), '足の傷を直接みる');
    assert.equal(await physician.page.inputValue('[name=told]'), '電話で、あす来院と伝えた');
    await physician.write('[name=destination]', '当院 あす 10時');
    await physician.pressNamed('button', '来院へ引きつぐ');
    await physician.arrives(`/consultations/${visit.consultation}`);
    await physician.reads('来院へ切りかえ');
    await see('stopped');
    await physician.open(`${demo.staff}/today`);
    await physician.reads('当院 あす 10時');
  }),
);

test('a hand-over is written while patient and physician still see each other', { timeout: FILE_MS }, () =>
  withStaff('desk-stop-live', 'bessho', async (physician) => {
    const visit = go.visitFor(demo, 'followup-3');
    const patient = await atChromium('patient', { screen: PHONE });
    try {
      await go.toWaitingRoom(patient, visit);
      await go.beginWork(physician, demo);
      await go.openVisit(physician, demo, visit);
      await physician.reads('呼べます');
      await go.admit(physician);
      await patient.arrives('/visit/call');
      await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
      await go.confirmStrip(physician);
      await physician.pressNamed('link', '情報が足りない');
      await physician.reads('患者へどう伝えたか');
      await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
      await physician.press('label:has([name=reason][value=touch])');
      await physician.write('[name=told]', '画面で、あす来院と伝えた');
      await physician.write('[name=destination]', '');
      await unchecked(physician);
      await physician.reads('行き先: 入れてください。');
      await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
      await physician.write('[name=destination]', '当院 あす 11時');
      await physician.pressNamed('button', '来院へ引きつぐ');
      await physician.reads('来院へ切りかえ');
      await patient.arrives('/visit/over');
    } finally {
      await patient.close();
    }
  }),
);

test('reception: who waits for what, and the one act beside it', { timeout: FILE_MS }, () =>
  withStaff('desk-reception', 'karino', async (reception, see) => {
    // Before the hour a patient's own steps are nobody's trouble; what nobody received is.
    const failed = go.visitFor(demo, 'overdue-in-person');
    await reception.seen(`#c-${failed.consultation}`);
    assert.match(await reception.page.locator(`#c-${failed.consultation}`).innerText(), /SMS不達[\s\S]*メールで送る/);
    assert.match(await reception.text(), /患者の入力 あと\d+つ/);
    assert.match(await reception.text(), /あすの機器ためし\s*3人のうち すんだ人 0人/);

    const urgent = go.visitFor(demo, 'followup-4');
    const patient = await atChromium('desk-urgent', { screen: PHONE });
    try {
      await go.enter(patient, urgent);
      await patient.arrives('/visit/body');
      await patient.press('button[name=answer] >> nth=0');
      await patient.arrives('/visit/now');
    } finally {
      await patient.close();
    }
    await reception.reads('急ぎの症状を答えました');
    await see('alarm');
    await reception.pressNamed('button', 'わたしが対応します');
    await reception.until('no alarm', async () => !(await reception.text()).includes('急ぎの症状を答えました'));
    // Whoever took it still has the number in hand.
    await reception.seen(`#c-${urgent.consultation} a[href^="tel:"]`);
    await see('alarm-taken');

    // The third link of the hour is the last; then the page says what to do instead.
    const often = go.visitFor(demo, 'followup-4');
    await reception.open(`${demo.staff}/bookings/${often.consultation}`);
    for (const left of [1, 0]) {
      await reception.pressNamed('button', '招待を送り直す');
      if (left) await reception.reads(`あと ${left} 回`);
    }
    await reception.reads('この1時間は もう送れません');
    assert.equal(await reception.page.getByRole('button', { name: '招待を送り直す' }).count(), 0);
    await see('sent-all');

    await reception.open(`${demo.staff}/bookings/new?now=1&patient=${often.patient}`);
    await see('called-in');
    await reception.pressNamed('button', 'いまの診察を開いて');
    await reception.reads('予約なし・電話があった');
    await see('called-in-done');
    for (const [name, path] of [['paper', '/today/paper'], ['filter-empty', '/today?show=live'], ['codes', '/codes']]) {
      await reception.open(demo.staff + path);
      await see(name);
    }
    await reception.open(`${demo.staff}/today`);
    await reception.evaluate(() => document.getElementById('on-cover').showModal());
    await see('cover');
  }),
);

test('a board that hears nothing says how old it is, and nothing on it looks fresh', { timeout: FILE_MS }, async () => {
  const other = await start({ name: 'desk-line' });
  const reception = await atChromium('desk-line', { screen: DESK });
  try {
    await go.signIn(reception, other, 'karino');
    assert.equal(await reception.page.locator('#on-stale').isVisible(), false);
    await other.kill();
    await reception.until('the age of the list', () => reception.page.locator('#on-stale').isVisible());
    assert.match(await reception.page.locator('#on-stale').innerText(), /これは \d+秒前の一覧です/);
    reception.complaints.length = 0;
    assert.deepEqual(await look(reception, 'desk-stale').then((faults) => faults.filter((line) => !/ERR_|sse/.test(line))), []);
  } finally {
    await reception.close();
  }
});

/** As `init` and `recover-admin` leave somebody: a password, and no second factor yet. */
function withoutSecondFactor(login) {
  const forget = 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=30); db.execute("UPDATE credential SET totp = NULL, totp_last_step = NULL WHERE person = (SELECT id FROM person WHERE login_name = ?)", (sys.argv[2],)); db.commit()';
  execFileSync('python3', ['-c', forget, join(demo.state, 'data', 'onshin.sqlite'), login]);
}

test('the second factor is set up once, and a fault of storage says what to do', { timeout: FILE_MS }, async () => {
  const nurse = await atChromium('desk-nurse', { screen: DESK });
  const faults = [];
  const see = async (page) => faults.push(...(await look(nurse, `desk-${page}`)));
  try {
    withoutSecondFactor('karikawa');
    const user = go.worker(demo, 'karikawa');
    await nurse.open(`${demo.staff}/sign-in`);
    await nurse.write('#name', user.login);
    await nurse.write('#password', user.password);
    await nurse.pressNamed('button', '入る');
    await nurse.arrives('/account/factor');
    await see('factor');
    const secret = (await nurse.page.locator('code').innerText()).replace(/\s/g, '');
    await nurse.write('#code', '000000');
    await nurse.pressNamed('button', 'つなぐ');
    await nurse.reads('番号がちがいます');
    await see('factor-refused');
    await nurse.write('#code', code((await nurse.page.locator('code').innerText()).replace(/\s/g, '') || secret));
    await nurse.pressNamed('button', 'つなぐ');
    await nurse.arrives('/institution');
    await see('institution');
    await nurse.pressNamed('button', '看護師');
    await nurse.arrives('/today');
    const release = await holdWrites(demo);
    try {
      assert.equal(await nurse.open(`${demo.staff}/today`), 503);
      await nurse.reads('いまは 保存できません');
      await see('unavailable');
    } finally {
      await release();
    }
  } finally {
    await nurse.close();
  }
  assert.deepEqual(faults.filter((line) => !/status of 503/.test(line)), []);
});

test('the administrator: a newcomer’s secret, an end that asks first, words nobody has reviewed', { timeout: FILE_MS }, () =>
  withStaff('desk-house', 'reihara', async (house, see) => {
    await house.open(`${demo.staff}/house/people`);
    await house.write('#name', '新人 いちろう');
    await house.write('#login', 'shinjin');
    await house.pressNamed('button', '人を加える');
    await house.reads('いまだけ出ます');
    await see('added');
    await house.pressNamed('link', '渡しました');
    await house.press('tr:has-text("新人 いちろう") summary');
    await house.reads('いますぐ使えなくなります');
    await see('end-role');
    await house.press('tr:has-text("新人 いちろう") button.is-bad');
    await house.until('the role ended', () => house.page.locator('tr:has-text("新人 いちろう") summary').count().then((n) => n === 0));
    await house.open(`${demo.staff}/house/checklist`);
    await house.reads('まだ確かめていません');
    await house.open(`${demo.staff}/house/texts`);
    await house.reads('胸が 痛い');
    assert.ok((await house.page.locator('.on-chip:has-text("要確認")').count()) > 5);
    await house.open(`${demo.staff}/partners`);
    await unchecked(house);
    await see('partner-errors');
    await house.open(`${demo.staff}/house/rules`);
    await see('rules');
  }),
);

test('the staff’s pages in English', { timeout: FILE_MS }, () =>
  withStaff(
    'desk-english',
    'bessho',
    async (physician, see) => {
      await physician.open(`${demo.staff}/sign-in`);
      await physician.pressNamed('button', 'English');
      await physician.until('English', () => physician.evaluate(() => document.documentElement.lang === 'en'));
      const user = go.worker(demo, 'bessho');
      await physician.write('#name', user.login);
      await physician.write('#password', user.password);
      await physician.write('#code', code(user.totp_secret));
      await physician.press('main form .is-main');
      await physician.arrives('/today');
      await physician.open(`${demo.staff}/today`);
      await see('en-board');
      await physician.open(`${demo.staff}/consultations/${go.visitFor(demo, 'waiting').consultation}`);
      await see('en-gate');
      await physician.open(`${demo.staff}/consultations/${go.visitFor(demo, 'waiting').consultation}/stop`);
      await see('en-stop');
    },
    { language: 'en-GB' },
  ),
);
