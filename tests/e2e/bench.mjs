// What `cargo xtask bench` asks of browsers and of a signed-in person. Prints one line of JSON at its end.
//
//   node bench.mjs call ROUNDS      a follow-up up to the picture: pages weighed, admit → first decoded frame
//   node bench.mjs session STATE    signs a physician in to a running demo: its cookies, and a chart's address
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { atChromium, DESK, PHONE } from './lib/browsers.mjs';
import { direct, LOOK_EVERY_MS, STEPS, watch } from './lib/firstframe.mjs';
import { start } from './lib/onshin.mjs';
import { code } from './lib/totp.mjs';
import * as go from './lib/visit.mjs';
import { weigh } from './lib/weight.mjs';

const VISIT = 'followup-1';
const FRAME_MS_MAX = 30_000;
/** Direct connections in each round; the first warms the browser and is not counted. */
const DIRECT = 4;

async function call(rounds) {
  const found = { pages: [], admit: [], direct: [], look_every_ms: LOOK_EVERY_MS };
  for (let round = 0; round < rounds; round += 1) {
    const { pages, admit, between } = await oneCall(round);
    found.pages.push(...pages);
    found.admit.push(admit);
    found.direct.push(...between);
    console.error(`   round ${round + 1} of ${rounds}`);
    for (const [who, steps] of Object.entries(admit)) {
      const line = STEPS.filter((step) => steps[step] !== null).map((step) => `${step} ${Math.round(steps[step])}`);
      console.error(`      ${who}: ${line.join(' · ')} ms`);
    }
  }
  return found;
}

async function oneCall(round) {
  const demo = await start({ name: `bench-${round}` });
  const people = [];
  try {
    const visit = go.visitFor(demo, VISIT);
    const patient = await atChromium('patient', { screen: PHONE });
    const physician = await atChromium('physician', { screen: DESK });
    people.push(patient, physician);
    // Everything that was told since the press is of the call; a page that went away tells no more.
    const told = { patient: {}, physician: {} };
    const tell = (who) => (name, at) => {
      told[who][name] = at;
    };
    await watch(patient, tell('patient'));
    await watch(physician, tell('physician'));
    const weights = await weigh(patient);
    await go.toWaitingRoom(patient, visit);
    await go.signIn(physician, demo, visit.physician);
    await go.beginWork(physician, demo);
    const between = [];
    for (let turn = 0; turn < DIRECT; turn += 1) between.push(await direct(physician));
    await go.openVisit(physician, demo, visit);
    await physician.reads('呼べます');
    told.patient = {};
    told.physician = {};
    await go.admit(physician);
    for (const who of people) await who.until('the first picture', () => told[who.name].frame && told[who.name].shown, FRAME_MS_MAX);
    const { press } = told.physician;
    if (!press) throw new Error('the press was not seen');
    // What was there before the press took none of its time.
    const after = (at) => Object.fromEntries(STEPS.map((step) => [step, at[step] >= press ? at[step] - press : null]));
    return {
      pages: weights.pages(),
      admit: { patient: after(told.patient), physician: after(told.physician) },
      between: between.slice(1),
    };
  } finally {
    await Promise.all(people.map((person) => person.close()));
    await demo.stop();
  }
}

async function session(state) {
  const told = JSON.parse(await readFile(join(state, 'demo.json'), 'utf8'));
  const visit = go.visitFor({ clinic: told }, VISIT);
  const user = go.worker({ clinic: told }, visit.physician);
  const form = await fetch(`${told.staff}/sign-in`, { headers: { accept: 'text/html' } });
  const jar = new Map();
  const keep = (answer) => {
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split(/=(.*)/s);
      jar.set(name, value);
    }
  };
  const cookie = () => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  keep(form);
  const once = /name="on-once" value="([^"]*)"/.exec(await form.text())?.[1] ?? '';
  const answer = await fetch(`${told.staff}/sign-in`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: told.staff, accept: 'text/html', cookie: cookie() },
    body: new URLSearchParams({ 'on-once': once, name: user.login, password: user.password, code: code(user.totp_secret) }),
  });
  keep(answer);
  if (answer.status !== 303) throw new Error(`sign-in was answered with ${answer.status}`);
  return { cookie: cookie(), chart: `/patients/${visit.patient}` };
}

const [what, argument] = process.argv.slice(2);
const work = { call: () => call(Number(argument)), session: () => session(argument) }[what];
if (!work) throw new Error('bench.mjs call ROUNDS | session STATE');
console.log(JSON.stringify(await work()));
process.exit(0);
