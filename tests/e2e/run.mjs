// Runs every *.test.mjs here and in lib/ whose path holds the filter, one after the other, each in its own process.
// Writes out/results.json: { passed, failed }.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { here, out } from './lib/places.mjs';

// A whole visit takes seconds; a file that needs longer than this hangs.
const FILE_MS_MAX = 8 * 60_000;

const filter = process.argv[2] ?? '';

async function files(folder) {
  const names = await readdir(folder);
  return names.filter((name) => name.endsWith('.test.mjs')).sort().map((name) => join(folder, name));
}

const all = [...(await files(join(here, 'lib'))), ...(await files(here))];
const chosen = all.filter((path) => path.slice(here.length).includes(filter));
const tally = { passed: 0, failed: 0 };

// A file is a test of its own to node; only a file that failed without any test of its own counts.
const failedIn = new Set();
function isFile(test) {
  return all.includes(test.name);
}

const tests = run({ files: chosen, concurrency: 1, timeout: FILE_MS_MAX });
tests.on('test:pass', (test) => {
  if (test.details.type !== 'suite' && !isFile(test) && !test.skip) tally.passed += 1;
});
tests.on('test:fail', (test) => {
  if (test.details.type === 'suite') return;
  if (isFile(test) && failedIn.has(test.name)) return;
  failedIn.add(test.file ?? test.name);
  tally.failed += 1;
});
await pipeline(tests, new spec(), process.stdout, { end: false });

await mkdir(out, { recursive: true });
await writeFile(join(out, 'results.json'), JSON.stringify(tally));
process.exitCode = tally.failed === 0 ? 0 : 1;
