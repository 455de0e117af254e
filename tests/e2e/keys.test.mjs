// Keys that act by themselves can be turned off (WCAG 2.1.4); the cover spares every call; the demo shows its codes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './lib/axe.mjs';
import { atChromium, DESK } from './lib/browsers.mjs';
import { start } from './lib/onshin.mjs';
import * as go from './lib/visit.mjs';

let demo;
before(async () => {
  demo = await start({ name: 'keys' });
});
after(() => demo?.stop());

const focused = (person) => person.page.evaluate(() => document.activeElement?.matches('[data-search], [data-row-act]'));

test('J and / do nothing once they are turned off, and again on the next page', { timeout: 120_000 }, async () => {
  const person = await atChromium('keys', { screen: DESK });
  try {
    assert.equal(await person.open(`${demo.staff}/codes`), 200);
    await person.reads('秒で変わります');
    await go.signIn(person, demo, demo.clinic.users.find((user) => user.role === 'reception').login);
    const slash = async () => {
      await person.open(`${demo.staff}/patients`);
      await person.page.evaluate(() => document.activeElement?.blur());
      await person.page.keyboard.press('/');
      return focused(person);
    };
    assert.equal(await slash(), true);
    await person.open(`${demo.staff}/account`);
    assert.deepEqual(await violations(person), []);
    await person.press('[data-keys-form] button[data-keys-now=on]');
    await person.seen('[data-keys-form] b[data-keys-now=off]:not([hidden])');
    assert.equal(await person.page.evaluate(() => document.body.dataset.keys), 'off');
    assert.equal(await slash(), false);
    await person.open(`${demo.staff}/account`);
    await person.press('[data-keys-form] button[data-keys-now=off]');
    await person.seen('[data-keys-form] b[data-keys-now=on]:not([hidden])');
    assert.equal(await slash(), true);
    assert.deepEqual(person.complaints, []);
  } finally {
    await person.close();
  }
});

test('the cover comes after five idle minutes, and over no call that is not over', { timeout: 120_000 }, async () => {
  const person = await atChromium('idle', { screen: DESK });
  try {
    await person.page.clock.install();
    await go.signIn(person, demo, demo.clinic.users.find((user) => user.role === 'nurse').login);
    await person.open(`${demo.staff}/today`);
    const covered = () => person.page.evaluate(() => document.querySelector('#on-cover').open);
    const state = (value) =>
      person.page.evaluate((value) => {
        let call = document.querySelector('[data-call]');
        if (!call) {
          call = document.createElement('div');
          call.dataset.call = '';
          document.body.append(call);
        }
        call.dataset.state = value;
      }, value);
    for (const value of ['connecting', 'waiting', 'good', 'weak', 'reconnecting', 'lost']) {
      await state(value);
      await person.page.clock.runFor(6 * 60_000);
      assert.equal(await covered(), false, value);
    }
    await state('ended');
    await person.page.clock.runFor(6 * 60_000);
    assert.equal(await covered(), true);
  } finally {
    await person.close();
  }
});
