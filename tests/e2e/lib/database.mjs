// What is at rest in a demo's SQLite file, read from beside the program. Node of Debian has no SQLite; Python has.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { tend } from './ending.mjs';

const READ = `
import json, sqlite3, sys
db = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)
print(json.dumps([list(row) for row in db.execute(sys.argv[2], json.loads(sys.argv[3]))]))
`;

const HOLD = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
db.execute('BEGIN EXCLUSIVE')
print('held', flush=True)
sys.stdin.read()
`;

/** Lets nobody write until the function that it gives is called: what a stuck disk or a backup gone wrong looks like. */
export async function holdWrites(demo) {
  const holder = tend(spawn('python3', ['-c', HOLD, join(demo.state, 'data', 'onshin.sqlite')], { stdio: ['pipe', 'pipe', 'inherit'] }));
  await once(holder.stdout, 'data');
  const ended = once(holder, 'exit');
  return async () => {
    holder.stdin.end();
    await ended;
  };
}

/** Rows of one SELECT, as arrays. */
export function rows(state, sql, ...values) {
  const file = join(state, 'data', 'onshin.sqlite');
  return JSON.parse(execFileSync('python3', ['-c', READ, file, sql, JSON.stringify(values)], { encoding: 'utf8' }));
}

/** The ledger of the clinic, in order: each entry as it stands, its number added as `seq`. */
export function ledger(demo) {
  return rows(demo.state, 'SELECT seq, body FROM ledger_entry WHERE tenant = ? ORDER BY seq', demo.clinic.clinic.id).map(
    ([seq, body]) => ({ seq, ...JSON.parse(body) }),
  );
}

/** Seconds of a visit in which sound went both ways and the patient was seen, over all runs of the program. */
export function measuredSeconds(demo, visit) {
  const [[sum]] = rows(
    demo.state,
    'SELECT COALESCE(SUM(two_way_seconds), 0) FROM call_quality WHERE consultation = ?',
    visit.consultation,
  );
  return sum;
}
