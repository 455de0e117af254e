// What goes wrong in real rooms: reloads, second tabs, second phones, stolen links, lost lines, impatient fingers, a dead server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger, measuredSeconds, rows } from './lib/database.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

/** Two windows that fought for a seat would have done so within this. */
const TWO_WINDOWS_MS = 15_000;
const BACK_MS_MAX = 60_000;
const NOTE = { subjective: '変わりなし。', objective: '顔色よし。', assessment: '安定。', plan: '続ける。', explained: '続けましょう。' };

let demo;
before(async () => {
  demo = await start({ name: 'tricks' });
});
after(() => demo?.stop());

const count = (subject, visit) =>
  ledger(demo).filter((entry) => entry.subject === subject && JSON.stringify(entry).includes(visit.consultation)).length;

test('whoever has the link but not the birth date gets nothing', { timeout: 120_000 }, async () => {
  const visit = go.visitFor(demo, 'followup-4');
  const thief = await atChromium('thief', { screen: PHONE });
  try {
    await go.openLink(thief, visit);
    const shown = await thief.page.content();
    for (const words of [visit.name, visit.kana]) {
      assert.ok(!shown.includes(words), `the landing page says ${words}`);
    }
    for (let wrong = 1; wrong <= 5; wrong += 1) {
      await go.sayBirthDate(thief, { era: 'showa', y: 1, m: 1, d: wrong });
      await thief.reads(wrong < 5 ? `あと${5 - wrong}回` : '15分');
    }
    assert.equal(await thief.open(visit.link), 200);
    await thief.reads('15分');
    for (const path of ['/visit', '/visit/body', '/visit/wait', '/visit/call', '/visit/after']) {
      assert.equal(await thief.open(demo.patient + path), 401, path);
    }
    const stage = rows(demo.state, 'SELECT stage FROM consultation WHERE id = ?', visit.consultation)[0][0];
    assert.equal(stage, 'booked');
  } finally {
    await thief.close();
  }
});

test('a call survives reloads, tabs, a lost line, and the death of the server; the seconds add up', { timeout: 400_000 }, async (t) => {
  const visit = go.visitFor(demo, 'followup-1');
  const patient = await atChromium('patient', { screen: PHONE });
  const physician = await atChromium('physician', { screen: DESK });
  try {
    await go.toWaitingRoom(patient, visit);
    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');

    // An impatient finger: one act.
    await physician.page.getByRole('button', { name: '適する。呼び入れる' }).dblclick();
    await physician.reads('画面で確かめる');
    await patient.arrives('/visit/call');
    await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    assert.equal(count('consultation.begun', visit), 1);
    assert.equal(rows(demo.state, 'SELECT COUNT(*) FROM seat_grant WHERE consultation = ?', visit.consultation)[0][0], 2);

    // A reload, on each side.
    await patient.page.reload();
    await patient.arrives('/visit/call');
    await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    await physician.page.reload();
    await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    assert.equal(rows(demo.state, 'SELECT COUNT(*) FROM seat_grant WHERE consultation = ?', visit.consultation)[0][0], 2, 'the same seats');

    // The physician's second tab is the same visit.
    const first = await physician.newTab();
    await physician.open(`${demo.staff}/consultations/${visit.consultation}`);
    await physician.reads('画面で確かめる');
    await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    // The first one stepped aside, and takes nothing back by itself; pressed, it goes on without losing what is typed in it.
    const aside = (page) => page.evaluate(() => document.querySelector('[data-call]').dataset.state === 'elsewhere');
    await sleep(TWO_WINDOWS_MS);
    assert.ok(await aside(first), 'the first window stepped aside');
    assert.ok(!(await aside(physician.page)));
    await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    const second = physician.page;
    physician.useTab(first);
    await physician.page.fill('[name=subjective]', NOTE.subjective);
    await physician.pressNamed('button', 'この画面で つづける');
    await physician.until('the other window to step aside', () => aside(second));
    await Promise.all([seesAndHears(patient), seesAndHears(physician)]);
    assert.equal(await physician.page.inputValue('[name=subjective]'), NOTE.subjective);
    await second.close();

    // The line of the phone is away, and back.
    await patient.page.context().setOffline(true);
    await patient.reads('電波がありません');
    await sleep(3_000);
    await patient.page.context().setOffline(false);
    await Promise.all([seesAndHears(patient, { wait: BACK_MS_MAX }), seesAndHears(physician, { wait: BACK_MS_MAX })]);

    // The server dies and comes back on the same ports with the same state.
    await go.measured(physician, demo, visit, 10);
    const counted = measuredSeconds(demo, visit);
    const { ports, state } = demo;
    await demo.kill();
    const died = Date.now();
    demo = await start({ name: 'tricks', state, ports });
    await Promise.all([seesAndHears(patient, { wait: BACK_MS_MAX }), seesAndHears(physician, { wait: BACK_MS_MAX })]);
    t.diagnostic(`killed, started and both back: ${Date.now() - died} ms`);
    assert.equal(new URL(patient.page.url()).pathname, '/visit/call');

    await go.confirmStrip(physician);
    await go.writeNote(physician, NOTE);
    const total = await go.measured(physician, demo, visit);
    const runs = rows(demo.state, 'SELECT two_way_seconds FROM call_quality WHERE consultation = ?', visit.consultation).flat();
    t.diagnostic(`seconds before ${counted}, in all ${total}, by run ${runs.join(' + ')}`);
    assert.ok(runs.length >= 2, 'each run of the program counts for itself');
    assert.ok(total >= counted);
    await go.enoughAndSign(physician);
    await physician.reads('終了');
    await patient.arrives('/visit/after');
  } finally {
    await Promise.all([patient.close(), physician.close()]);
  }
});

test('a stale tab says so; another phone takes the visit over only by the physician’s hand', { timeout: 300_000 }, async (t) => {
  const visit = go.visitFor(demo, 'followup-3');
  const patient = await atChromium('patient', { screen: PHONE });
  const other = await atChromium('other-phone', { screen: PHONE });
  const physician = await atChromium('physician-2', { screen: DESK });
  try {
    await go.toWaitingRoom(patient, visit);
    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');
    const stale = await physician.newTab();
    await physician.open(`${demo.staff}/consultations/${visit.consultation}`);
    await physician.reads('呼べます');
    await go.admit(physician);
    await physician.reads('画面で確かめる');
    await patient.arrives('/visit/call');
    await seesAndHears(patient);

    const current = physician.page;
    physician.useTab(stale);
    // The panel looks by itself every four seconds; where it has not looked yet, the press is answered in words.
    const [said] = await Promise.all([
      physician.until('the word about the old page', async () => {
        const text = await physician.text();
        return (text.includes('古くなっています') && 'said') || (text.includes('画面で確かめる') && 'drawn anew');
      }),
      stale.click('[data-main]', { timeout: 5_000 }).catch(() => undefined),
    ]);
    t.diagnostic(`the stale tab: ${said}`);
    physician.useTab(current);
    await stale.close();
    assert.equal(count('consultation.begun', visit), 1);

    // The link on another phone: the first one is out, the second one waits for the physician.
    await go.enter(other, visit);
    await other.arrives(/^\/visit\//);
    await patient.until('the first phone to be out', async () => {
      const text = await patient.text();
      return !new URL(patient.page.url()).pathname.startsWith('/visit/call') || text.includes('もう一度');
    }, BACK_MS_MAX);
    await physician.page.reload();
    await physician.picture('tricks-new-device');
    assert.equal(await patient.open(`${demo.patient}/visit/call`), 401);
    assert.notEqual(new URL(other.page.url()).pathname, '/visit/call');
    await other.picture('tricks-other-phone');
    await physician.pressNamed('button', 'この端末を呼び入れる');
    await other.arrives('/visit/call');
    await Promise.all([seesAndHears(other), seesAndHears(physician)]);
    assert.equal(count('consultation.begun', visit), 1, 'the same visit');
  } finally {
    await Promise.all([patient.close(), other.close(), physician.close()]);
  }
});
