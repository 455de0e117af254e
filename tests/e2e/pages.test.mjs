// Every page of every surface, on the narrowest phone and on a desk: axe, width, policy, words. Pictures are in out/.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { atChromium, DESK } from './lib/browsers.mjs';
import { rows } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import * as go from './lib/visit.mjs';

const FILE_MS = 400_000;
/** A slow answer: longer than the 400 ms after which a press must show. */
const SLOW_MS = 1_500;

let demo;
let seen = 0;
before(async () => {
  demo = await start({ name: 'pages' });
});
after(() => demo?.stop());

async function withSomebody(name, work, options = {}) {
  const person = await atChromium(name, { screen: DESK, ...options });
  const faults = [];
  const see = async (page) => {
    seen += 1;
    faults.push(...(await look(person, page, { english: options.language === 'en-GB' })));
  };
  const visit = async (page, address) => {
    await person.open(address);
    await see(page);
  };
  try {
    await work(person, see, visit);
  } finally {
    await person.close();
  }
  assert.deepEqual(faults, []);
}

const staffPages = {
  karino: (demo, known) => ({
    today: '/today',
    bookings: '/bookings',
    'bookings-new': '/bookings/new',
    'bookings-new-for': `/bookings/new?patient=${known.patient}`,
    'contraception-new': `/contraception/new?patient=${known.patient}`,
    'bookings-one': `/bookings/${known.consultation}`,
    joint: '/joint',
    'joint-new': `/joint?patient=${known.patient}`,
    'joint-one': `/joint/${known.joint}`,
    paper: '/today/paper',
    smoking: `/smoking/${known.patient}`,
    background: `/patients/${known.patient}/background`,
    patients: '/patients',
    'patients-found': '/patients?q=見本',
    'patients-new': '/patients/new',
    chart: `/patients/${known.patient}`,
    acute: `/patients/${known.patient}/acute`,
    identity: `/patients/${known.patient}/identity`,
    recover: `/patients/${known.patient}/recover`,
    proxy: `/patients/${known.patient}/proxies/new`,
    tasks: '/tasks',
    requests: '/requests',
    messages: '/messages',
    thread: `/patients/${known.patient}/messages`,
    partners: '/partners',
    far: '/partners/far',
    account: '/account',
    clause: '/clauses/cl-1.1-iii-a',
    outbox: '/outbox',
    denied: `/consultations/${known.consultation}`,
    missing: '/nowhere',
  }),
  reizawa: (demo, known) => ({
    today: '/today',
    'today-mine': '/today?show=mine',
    work: '/work',
    'work-device': '/work/device',
    'visit-booked': `/consultations/${known.consultation}`,
    orders: `/consultations/${known.consultation}/orders?q=${encodeURIComponent('ミホン')}`,
    'order-line': `/consultations/${known.consultation}/orders/line?drug=620000008`,
    stop: `/consultations/${known.consultation}/stop`,
    emergency: `/consultations/${known.consultation}/emergency`,
    'identity-ways': `/consultations/${known.consultation}/identity`,
    symptoms: `/consultations/${known.first}/symptoms`,
    plans: '/plans',
    'plans-all': '/plans?show=all',
    tasks: '/tasks',
    unsigned: `/consultations/${known.unsigned}`,
    'not-mine': `/consultations/${known.other}`,
    chart: `/patients/${known.patient}`,
    plan: `/patients/${known.patient}/plans/1`,
    'plan-new': `/patients/${known.patient}/plans/new`,
    assess: `/patients/${known.patient}/assessments/new`,
    instructions: `/patients/${known.patient}/instructions`,
    team: `/consultations/${known.consultation}/team`,
    smoking: `/smoking/${known.patient}`,
    joint: '/joint',
    'joint-new': `/joint?patient=${known.patient}`,
    'joint-one': `/joint/${known.joint}`,
    background: `/patients/${known.patient}/background`,
    note: `/patients/${known.pastPatient}/notes/${known.pastVisit}`,
  }),
  karikawa: (demo, known) => ({
    today: '/today',
    patients: '/patients',
    chart: `/patients/${known.patient}`,
    tasks: '/tasks',
    bookings: '/bookings',
    joint: '/joint',
    instructions: `/patients/${known.patient}/instructions`,
  }),
  reihara: (demo, known) => ({
    checklist: '/house/checklist',
    clause: '/clauses/cl-2.5.1.1-xi-a',
    institution: '/house/institution',
    contacts: '/house/contacts',
    rules: '/house/rules',
    disputes: '/house/disputes',
    public: '/house/public',
    chat: '/house/chat',
    texts: '/house/texts',
    text: `/house/texts/explanation/${known.tag}`,
    statement: '/house/statement',
    boundary: '/house/boundary',
    rooms: '/house/rooms',
    places: '/house/places',
    turns: '/house/turns',
    'house-joint': '/house/joint',
    'house-smoking': '/house/smoking',
    symptoms: '/house/symptoms',
    lists: '/house/lists',
    refusals: '/house/refusals',
    people: '/house/people',
    person: `/house/people/${known.physician}`,
    licence: `/house/people/${known.physician}/licence`,
    partners: '/partners',
    far: '/partners/far',
    partner: `/partners/${known.partner}`,
    outbox: '/outbox',
    today: '/today',
  }),
};

function known() {
  const clinic = demo.clinic.clinic.id;
  const followup = go.visitFor(demo, 'followup-1');
  const byPurpose = (purpose) => demo.clinic.patients.find((each) => each.purpose === purpose);
  const [[pastPatient, pastVisit]] = rows(demo.state, 'SELECT patient, consultation FROM note WHERE tenant = ? AND finalized_at IS NOT NULL LIMIT 1', clinic);
  const one = (sql) => rows(demo.state, sql, clinic)[0]?.[0];
  return {
    patient: followup.patient,
    consultation: followup.consultation,
    unsigned: byPurpose('note-unsigned').consultation,
    other: byPurpose('waiting').consultation,
    first: byPurpose('first-visit-2').consultation,
    pastPatient,
    pastVisit,
    partner: one('SELECT id FROM partner WHERE tenant = ? LIMIT 1'),
    joint: one('SELECT id FROM joint WHERE tenant = ? LIMIT 1'),
    physician: one('SELECT physician FROM consultation WHERE tenant = ? LIMIT 1'),
    tag: one("SELECT tag FROM legal_text WHERE tenant = ? AND kind = 'explanation' LIMIT 1"),
  };
}

test('the public pages of the patients’ surface', { timeout: FILE_MS }, () =>
  withSomebody('public', async (person, see, visit) => {
    await visit('clinic', `${demo.patient}/`);
    await visit('request', `${demo.patient}/request`);
    await visit('request-pre', `${demo.patient}/request/pre`);
    for (const what of ['camera', 'line', 'network', 'sound']) await visit(`help-${what}`, `${demo.patient}/help/${what}`);
    await visit('clinic-done', `${demo.patient}/?done=1`);
    await visit('doctors', `${demo.patient}/me/doctors`);
    await visit('checklist', `${demo.patient}/me/checklist`);
    await visit('voice', `${demo.patient}/me/voice`);
    await visit('lost', `${demo.patient}/lost`);
    await person.write('#contact', '090-0000-0000');
    await person.press('main form .is-main');
    await person.reads('受けつけました');
    await see('lost-sent');
    await visit('safety-stranger', `${demo.patient}/me/safety`);
    await visit('not-found', `${demo.patient}/nowhere`);
    await visit('no-session', `${demo.patient}/visit/body`);
    await visit('landing', go.visitFor(demo, 'followup-4').link);
    await visit('landing-early', go.visitFor(demo, 'tomorrow-1').link);
    await visit('landing-proxy', go.visitFor(demo, 'proxy').link);
    await visit('trial', go.visitFor(demo, 'tomorrow-1').link.replace('/v/', '/t/'));
    await person.open(go.visitFor(demo, 'tomorrow-3').link);
    for (let wrong = 1; wrong <= 5; wrong += 1) {
      await go.sayBirthDate(person, { era: 'showa', y: 1 + wrong, m: 1, d: 1 });
      await person.reads(wrong < 5 ? `あと${5 - wrong}回` : '15分');
      if (wrong === 1) await see('landing-wrong');
    }
    await see('landing-rests');
  }),
);

test('a browser without a camera is told so before anything is asked', { timeout: FILE_MS }, () =>
  withSomebody('in-a-messenger', async (person, see) => {
    await person.page.addInitScript(() => {
      delete window.RTCPeerConnection;
    });
    await person.open(go.visitFor(demo, 'followup-4').link);
    await person.seen('[data-without-camera]:not([hidden])');
    await see('landing-without-camera');
    // The link itself is what is copied: the token is still in the address here.
    await person.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: demo.patient });
    await person.pressNamed('button', 'リンクを写す');
    await person.reads('写しました');
    assert.equal(await person.evaluate(() => navigator.clipboard.readText()), go.visitFor(demo, 'followup-4').link);
  }),
);

test('the pages of a patient, state by state', { timeout: FILE_MS }, async () => {
  await withSomebody('patient', async (person, see, visit) => {
    await go.enter(person, go.visitFor(demo, 'followup-4'));
    await person.arrives('/visit/body');
    await see('body');
    await go.nothingNew(person);
    await person.arrives('/visit/statement');
    await see('statement');
    // A link in the shape of a button shows that it was pressed while the answer is on its way.
    await person.page.route('**/visit/statement?different=1', async (way) => {
      await sleep(SLOW_MS);
      await way.continue();
    });
    const shows = await person.evaluate(async (after) => {
      const link = document.querySelector('a.on-btn[href*=different]');
      link.click();
      await new Promise((done) => setTimeout(done, after));
      return link.classList.contains('is-busy');
    }, SLOW_MS / 2);
    assert.ok(shows, 'the press shows');
    await person.reads('きょうのことを');
    await person.page.unroute('**/visit/statement?different=1');
    await visit('different', `${demo.patient}/visit/statement?different=1`);
    await person.pressNamed('button', 'この内容で進む');
    await person.reads('どれかを えらんでください');
    await see('different-errors');
    // What an answer makes needless is not asked; what it calls for is.
    const asked = (name) => person.page.locator(`[name=${name}]`).first().isVisible();
    assert.deepEqual(await Promise.all(['place_name', 'companions', 'medicine_words'].map(asked)), [false, false, false]);
    for (const [name, value] of [['place', 'facility'], ['alone', 'no'], ['medicines', 'changed']]) await person.press(`label:has([name=${name}][value=${value}])`);
    assert.deepEqual(await Promise.all(['place_name', 'companions', 'medicine_words'].map(asked)), [true, true, true]);
    await person.pressNamed('button', 'この内容で進む');
    await person.reads('施設や職場の名前');
    await see('different-names');
    await visit('withdraw', `${demo.patient}/visit/withdraw`);
    await visit('readers', `${demo.patient}/me/readers`);
    await visit('messages-scope', `${demo.patient}/me/messages`);
    await person.pressNamed('button', 'この使い方でよい');
    await person.write('#words', '朝から胸が痛い');
    await person.pressNamed('button', '送る');
    await person.reads('119 に電話する');
    await see('messages-urgent');
    await person.open(`${demo.patient}/visit/statement?different=1`);
    // Whoever was not alone a moment ago and is on the road now is held by the road, not by a question that is hidden.
    await person.press('label:has([name=place][value=home])');
    await person.press('label:has([name=alone][value=no])');
    await person.press('label:has([name=place][value=outdoors])');
    assert.equal(await asked('clean'), false);
    await person.pressNamed('button', 'この内容で進む');
    await person.arrives('/visit/hold');
    await see('hold');
    await person.open(`${demo.patient}/visit/statement?different=1`);
    await go.sayPlace(person, { companion: '妻' });
    await person.arrives('/visit/device');
    await see('device');
    await person.press('[data-device-start]');
    await person.seen('[data-device-answer=yes]');
    await see('device-answer');
    await person.press('[data-device-answer=yes]');
    await person.arrives('/visit/wait');
    await see('wait');
    await person.pressNamed('button', '順番が来たら 電話で呼ぶ');
    await person.reads('電話の希望を 受けつけました');
    await see('wait-callback');
    await visit('safety', `${demo.patient}/me/safety`);
    await visit('explain-again', `${demo.patient}/visit/explain`);
    await visit('physician', `${demo.patient}/visit/physician`);
    await visit('aids', `${demo.patient}/visit/aids`);
    await visit('leave', `${demo.patient}/visit/leave`);
    await person.pressNamed('button', '予約をやめます');
    await person.arrives('/visit/over');
    await see('over');
    await person.page.context().clearCookies();
    await visit('landing-over', go.visitFor(demo, 'followup-4').link);
  });
  await withSomebody('first-timer', async (person, see) => {
    await go.enter(person, go.visitFor(demo, 'first-visit-2'));
    await go.nothingNew(person);
    await person.arrives('/visit/symptoms');
    await see('symptoms');
    await go.noSymptom(person);
    await person.arrives('/visit/explain');
    await see('explain');
    await go.readExplanation(person);
    await person.arrives('/visit/agree');
    await see('agree');
    await person.press('label:has([name=wish][value=yes])');
    await person.press('label:has([name=kind][value=online_care])');
    await person.pressNamed('button', '選んだものに同意する');
    await person.reads('同意が そろっていません');
    await see('agree-left-out');
    await person.open(`${demo.patient}/visit/agree`);
    await go.agree(person);
    await person.arrives('/visit/statement');
    await see('statement-first');
  });
  await withSomebody('changed', async (person, see) => {
    await go.enter(person, go.visitFor(demo, 'changed-text'));
    await go.nothingNew(person);
    await person.arrives('/visit/explain');
    await see('explain-changed');
  });
  await withSomebody('early', async (person, see) => {
    await go.enter(person, go.visitFor(demo, 'tomorrow-1'));
    await go.nothingNew(person);
    await go.asLastTime(person);
    await go.checkDevice(person);
    await person.arrives('/visit/ready');
    await see('ready');
    await person.open(`${demo.patient}/visit/withdraw`);
    await person.pressNamed('button', '同意をやめます');
    await person.arrives('/visit/in-person');
    await see('in-person');
  });
  await withSomebody('urgent', async (person, see) => {
    await go.enter(person, go.visitFor(demo, 'tomorrow-2'));
    await person.arrives('/visit/body');
    await person.press('button[name=answer] >> nth=0');
    await person.arrives('/visit/now');
    await see('now');
  });
});

test('the staff’s pages before anybody is known', { timeout: FILE_MS }, () =>
  withSomebody('stranger', async (person, see, visit) => {
    await visit('sign-in', `${demo.staff}/sign-in`);
    await person.write('#name', 'reizawa');
    await person.write('#password', 'wrong');
    await person.pressNamed('button', '入る');
    await person.reads('どれかがちがいます');
    await see('sign-in-refused');
    await visit('staff-no-session', `${demo.staff}/bookings`);
    await visit('staff-not-found', `${demo.staff}/nowhere`);
  }),
);

for (const [login, pages] of Object.entries(staffPages)) {
  test(`the pages of ${login}`, { timeout: FILE_MS }, () =>
    withSomebody(login, async (person, see, visit) => {
      await go.signIn(person, demo, login);
      for (const [name, path] of Object.entries(pages(demo, known()))) await visit(`${login}-${name}`, demo.staff + path);
      if (login !== 'karino') return;
      await person.open(`${demo.staff}/patients/new`);
      await person.evaluate(() => document.querySelector('main form:has(.is-main)').setAttribute('novalidate', ''));
      await person.press('main form .is-main');
      await person.seen('.on-errors');
      await see('karino-patients-errors');
      await person.evaluate(() => fetch('/lock', { method: 'POST' }));
      await visit('karino-unlock', `${demo.staff}/unlock`);
    }),
  );
}

test('in English', { timeout: FILE_MS }, async () => {
  await withSomebody(
    'english',
    async (person, see, visit) => {
      // Japanese first: English is a press away.
      await person.open(`${demo.patient}/`);
      await person.pressNamed('button', 'English');
      await person.until('English', () => person.evaluate(() => document.documentElement.lang === 'en'));
      await visit('en-clinic', `${demo.patient}/`);
      const mine = go.visitFor(demo, 'followup-3');
      await visit('en-landing', mine.link);
      await person.choose('[name=era]', mine.birth.era);
      for (const [field, value] of [['y', mine.birth.y], ['m', mine.birth.m], ['d', mine.birth.d]]) await person.write(`[name=${field}]`, String(value));
      await person.press('main form .is-main');
      await person.arrives('/visit/body');
      await see('en-body');
      await person.press('[name=answer][value=none]');
      await person.arrives('/visit/statement');
      await see('en-statement');
      await person.scrollTo('[name=pressed]');
      await person.press('[name=pressed]:not([aria-disabled])');
      await person.arrives('/visit/device');
      await see('en-device');
      await go.checkDevice(person);
      await person.arrives('/visit/wait');
      await see('en-wait');
      await person.open(`${demo.staff}/sign-in`);
      await person.pressNamed('button', 'English');
      await visit('en-sign-in', `${demo.staff}/sign-in`);
    },
    { language: 'en-GB' },
  );
});

test('pages seen', (t) => {
  t.diagnostic(`${seen} pages, each at two widths`);
});
