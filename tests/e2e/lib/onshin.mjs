// One onshin of our own: a demo clinic on free ports, in a temporary folder.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { discard, tend, tidy } from './ending.mjs';
import { binary, out, temporary } from './places.mjs';
import { freePorts } from './ports.mjs';

const READY_MS_MAX = 60_000;
const STOP_MS_MAX = 10_000;
const POLL_MS = 50;

/**
 * Starts a demo and waits until it is ready.
 *
 * Gives `patient`, `staff` and `admin` (addresses without a slash at the end), `clinic` (what demo.json says),
 * `state` (its folder), `log` (its output), `ports`, `stop()` and `kill()`. `state` and `ports` of an earlier one
 * start it again as it was.
 */
export async function start({ name = 'onshin', args = [], state = tidy(temporary('state')), ports } = {}) {
  const [patient, staff, admin, media] = ports ?? (await freePorts(4));
  mkdirSync(out, { recursive: true });
  const log = join(out, `${name}.log`);
  const child = tend(
    spawn(
      binary,
      [
        'demo',
        ...['--patient-port', patient, '--staff-port', staff, '--admin-port', admin, '--media-port', media].map(String),
        ...['--state', state],
        ...args,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    ),
  );
  const written = createWriteStream(log, { flags: ports ? 'a' : 'w' });
  child.stdout.pipe(written, { end: false });
  child.stderr.pipe(written, { end: false });
  const ended = new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code)));

  const demo = {
    patient: `http://localhost:${patient}`,
    staff: `http://localhost:${staff}`,
    admin: `http://127.0.0.1:${admin}`,
    ports: [patient, staff, admin, media],
    state,
    log,
    pid: child.pid,
    /** Ends it as a service manager would, and removes its folder. */
    async stop() {
      child.kill('SIGTERM');
      const late = sleep(STOP_MS_MAX, 'late', { ref: false });
      if ((await Promise.race([ended, late])) === 'late') {
        child.kill('SIGKILL');
        throw new Error(`onshin did not stop in ${STOP_MS_MAX} ms; see ${log}`);
      }
      discard(state);
    },
    /** Pulls the plug; the folder stays, for another start on it. */
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
  await ready(demo, ended);
  demo.clinic = JSON.parse(await readFile(join(state, 'demo.json'), 'utf8'));
  return demo;
}

async function ready(demo, ended) {
  const end = Date.now() + READY_MS_MAX;
  let code;
  ended.then((value) => (code = value));
  while (Date.now() < end) {
    if (code !== undefined) throw new Error(`onshin ended with ${code}: ${await readFile(demo.log, 'utf8')}`);
    const answer = await fetch(`${demo.admin}/readyz`).catch(() => null);
    if (answer?.ok) return;
    await sleep(POLL_MS);
  }
  throw new Error(`onshin was not ready in ${READY_MS_MAX} ms: ${await readFile(demo.log, 'utf8')}`);
}
