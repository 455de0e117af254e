// A patient sends a picture in the call, the physician cites it beside what was seen and heard, and the licence is looked at.
import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { ledger, rows } from './lib/database.mjs';
import { tidy } from './lib/ending.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import { seesAndHears } from './lib/peers.mjs';
import * as go from './lib/visit.mjs';

const NOTE = {
  subjective: '昨日から手が赤い。',
  objective: '右手の甲が赤い。腫れはない。',
  assessment: '軽い皮膚炎。',
  plan: '同じ薬を続ける。',
  explained: 'こすらないでください。',
};

let demo;
before(async () => {
  demo = await start({ name: 'aids' });
});
after(() => demo?.stop());

/** A picture as a browser draws it, in a file. */
async function drawn(person, words) {
  const data = await person.evaluate((text) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1600, height: 1100 });
    const pen = canvas.getContext('2d');
    pen.fillStyle = '#fdf6e3';
    pen.fillRect(0, 0, 1600, 1100);
    pen.fillStyle = '#333';
    pen.font = '64px sans-serif';
    text.split('\n').forEach((line, at) => pen.fillText(line, 120, 160 + at * 120));
    return canvas.toDataURL('image/jpeg', 0.8);
  }, words);
  const path = join(tidy(mkdtempSync(join(tmpdir(), 'onshin-picture-'))), 'picture.jpg');
  writeFileSync(path, Buffer.from(data.split(',')[1], 'base64'));
  return path;
}

test('a picture sent in the call stands beside the note, and the licence beside the proof', { timeout: 300_000 }, async () => {
  const visit = go.visitFor(demo, 'followup-1');
  const patient = await atChromium('patient', { screen: PHONE });
  const physician = await atChromium('physician', { screen: DESK });
  const administrator = await atChromium('administrator', { screen: DESK });
  const faults = [];
  try {
    await go.signIn(administrator, demo, 'reihara');
    const [[of]] = rows(demo.state, 'SELECT physician FROM consultation WHERE id = ?', visit.consultation);
    await administrator.open(`${demo.staff}/house/people/${of}/licence`);
    const licence = await drawn(administrator, '医師免許証(見本)\n登録番号 第000000号\n見本県 見本 太郎\n令和0年0月0日');
    await administrator.page.setInputFiles('#file', licence);
    await administrator.pressNamed('button', '入れる');
    await administrator.reads('まだ患者に見せていません');
    for (const cell of [21, 22, 23, 24, 25]) await administrator.press(`label:has([name=cell][value="${cell}"])`);
    await administrator.press('#private');
    faults.push(...(await look(administrator, 'licence-grid')));
    await administrator.pressNamed('button', 'かくして患者に見せる');
    await administrator.reads('患者に見せています');

    await go.toWaitingRoom(patient, visit);
    await patient.press('details:has(.on-licence) > summary');
    await patient.page.waitForFunction(() => document.querySelector('.on-licence').naturalWidth > 0);
    faults.push(...(await look(patient, 'licence', { sizes: [PHONE] })));

    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');
    await go.admit(physician);
    await physician.reads('画面で確かめる');
    await patient.arrives('/visit/call');
    await Promise.all([seesAndHears(patient), seesAndHears(physician)]);

    await patient.press('header [data-open=aids]');
    await patient.seen('dialog[open] #file');
    await patient.page.setInputFiles('#file', await drawn(patient, '右手の甲'));
    await patient.write('#words', 'きのうから');
    await patient.pressNamed('button', '送る');
    await patient.reads('写真を送りました');
    faults.push(...(await look(patient, 'aids-in-call', { sizes: [PHONE] })));
    await patient.press('dialog[open] [data-close]');
    await seesAndHears(patient);

    await go.confirmStrip(physician);
    await go.writeNote(physician, NOTE);
    // The list comes by itself, and what was written stays.
    await physician.seen('#aids img');
    await physician.page.waitForFunction(() => document.querySelector('#aids img').naturalWidth > 0);
    await physician.press('#aids label:has([name=cited]) >> nth=0');
    faults.push(...(await look(physician, 'aids-beside-note', { sizes: [DESK] })));
    await go.measured(physician, demo, visit);
    await go.enoughAndSign(physician);
    await physician.reads(NOTE.assessment);
    assert.deepEqual(faults, []);
    assert.deepEqual(patient.complaints, []);
    assert.deepEqual(physician.complaints, []);
  } finally {
    await Promise.all([patient, physician, administrator].map((person) => person.close()));
  }
  const subjects = ledger(demo).map((entry) => entry.subject);
  assert.equal(subjects.filter((subject) => subject === 'aid.kept').length, 2);
  assert.equal(subjects.filter((subject) => subject === 'licence.masked').length, 1);
});
