// A colleague would change a plan in force: the patient reads what would change, keeps the plan, and it stays as it is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { rows } from './lib/database.mjs';
import { look } from './lib/look.mjs';
import { start } from './lib/onshin.mjs';
import * as go from './lib/visit.mjs';

const TREATMENT = '薬を減らして様子を見る';

let demo;
before(async () => {
  demo = await start({ name: 'plan-will' });
});
after(() => demo?.stop());

test('a plan that another physician would change stays by the patient’s will', { timeout: 300_000 }, async (t) => {
  const visit = go.visitFor(demo, 'followup-1');
  const colleague = await atChromium('colleague', { screen: DESK });
  const patient = await atChromium('patient', { screen: PHONE });
  const faults = [];
  try {
    await go.signIn(colleague, demo, 'bessho');
    await colleague.open(`${demo.staff}/patients/${visit.patient}/plans/new`);
    await colleague.write('#treatment', TREATMENT);
    await colleague.choose('#team-kind', { index: 1 });
    await colleague.pressNamed('button', '保存して 患者に見せる');
    await colleague.arrives(/\/plans\/\d+$/);
    const plan = colleague.page.url();
    await colleague.press('#propose [name=harms][value=yes]');
    await colleague.pressNamed('button', '患者に聞く');
    await colleague.reads('患者の答えを待っています');
    faults.push(...(await look(colleague, 'plan-proposed')));

    await go.enter(patient, visit);
    await go.goesOnTo(patient, '/visit/plan');
    await patient.reads(TREATMENT);
    faults.push(...(await look(patient, 'visit-plan')));
    await patient.pressNamed('button', 'いまの計画のまま');
    await patient.until('the next page', () => new URL(patient.page.url()).pathname !== '/visit/plan');
    await colleague.open(plan);
    await colleague.reads('いまの計画が続きます');
    const signed = rows(demo.state, 'SELECT COUNT(*) FROM plan WHERE patient = ? AND signed_at IS NOT NULL AND version > 1', visit.patient);
    assert.deepEqual(signed, [[0]]);
    assert.deepEqual(faults, []);
    t.diagnostic(`presses: patient ${patient.presses.length}`);
  } finally {
    await Promise.all([patient.picture('plan-will-patient'), colleague.picture('plan-will-colleague')]).catch(() => {});
    await Promise.all([patient.close(), colleague.close()]);
  }
});
