// The day before: whoever holds the link tries camera, voice and line against the media server itself, and nobody is named.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { atChromium, PHONE } from './lib/browsers.mjs';
import { rows } from './lib/database.mjs';
import { start } from './lib/onshin.mjs';
import * as go from './lib/visit.mjs';

let demo;
before(async () => {
  demo = await start({ name: 'trial' });
});
after(() => demo?.stop());

test('a device is tried the day before without a birth date', { timeout: 120_000 }, async () => {
  const visit = go.visitFor(demo, 'tomorrow-1');
  const person = await atChromium('trial', { screen: PHONE });
  try {
    assert.equal(await person.open(visit.link.replace('/v/', '/t/')), 200);
    const page = await person.page.content();
    for (const words of [visit.name, visit.kana]) {
      assert.ok(!page.includes(words), `the trial says ${words}`);
    }
    await person.press('[data-device-start]');
    await person.seen('[data-device-answer=yes]');
    await person.press('[data-device-answer=yes]');
    await person.reads('映像も声も 通りました');
    const [tried] = rows(demo.state, 'SELECT camera, microphone, tone, line FROM device_trial');
    assert.deepEqual(Object.values(tried).map(Number), [1, 1, 1, 1]);
  } finally {
    await person.close();
  }
});
