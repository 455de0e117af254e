// The search itself: it finds what a careless page leaves behind, and nothing of a careful one.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { atChromium, atFirefox } from './browsers.mjs';
import { discard } from './ending.mjs';
import { residue } from './residue.mjs';

const CARELESS = '残留標識カレレス';
const STORED = '残留標識ストレージ';
const CAREFUL = '残留標識ケアフル';

/** Browsers write their caches when they have time. */
const SETTLE_MS = 1500;

const page = (words, script = '') =>
  gzipSync(`<!doctype html><meta charset="utf-8"><title>-</title><p>${words}</p>${'<p>.</p>'.repeat(500)}<script>${script}</script>`);

const server = createServer((request, response) => {
  const careless = request.url === '/careless';
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Encoding', 'gzip');
  response.setHeader('Cache-Control', careless ? 'max-age=3600' : 'no-store');
  response.end(careless ? page(CARELESS, `localStorage.setItem('a', '${STORED}')`) : page(CAREFUL));
});
let address;
before(async () => {
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  address = `http://localhost:${server.address().port}`;
});
after(() => server.close());

for (const [engine, start] of [
  ['Chromium', atChromium],
  ['Firefox', atFirefox],
]) {
  test(`${engine} keeps what may be kept, and the search finds it`, { timeout: 120_000 }, async () => {
    const person = await start('somebody', { keepProfile: true });
    await person.open(`${address}/careless`);
    await person.open(`${address}/careful`);
    await sleep(SETTLE_MS);
    await person.close();
    const hits = residue([person.profile], [CARELESS, STORED, CAREFUL]);
    discard(person.profile);
    const words = new Set(hits.map((hit) => hit.word));
    assert.ok(words.has(CARELESS), 'the control page is found');
    assert.ok(words.has(STORED), 'the control word in storage is found');
    assert.deepEqual(hits.filter((hit) => hit.word === CAREFUL), []);
  });
}
