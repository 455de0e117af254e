// Somebody at a browser. Every press goes through here and is counted: a click, a tap, or a key that sends a form.
// Reading, scrolling and typing are no presses.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { out } from './places.mjs';

const WAIT_MS_MAX = 20_000;
const POLL_MS = 50;

export class Person {
  /** What this person pressed, in order. */
  presses = [];
  /** What the pages complained of: script errors, broken policy. Empty is good. */
  complaints = [];
  #browser;

  constructor(browser) {
    this.#browser = browser;
    this.name = browser.name;
    this.engine = browser.engine;
    this.profile = browser.profile;
    this.#use(browser.page);
  }

  #use(page) {
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() !== 'error') return;
      // Firefox calls it an error that a page is left while its stream of events is open.
      if (this.engine === 'firefox' && message.text().startsWith('htmx: htmx:sse:error:')) return;
      this.complaints.push(message.text());
    });
  }

  /** Goes to an address, as by a link in a message. */
  async open(address) {
    const answer = await this.page.goto(address, { waitUntil: 'load' });
    return answer?.status();
  }

  /** Goes on in a new tab; the old page is returned. */
  async newTab() {
    const before = this.page;
    this.#use(await this.#browser.newPage());
    return before;
  }

  /** Goes back to a tab that `newTab` returned. */
  useTab(page) {
    this.page = page;
  }

  /** Presses what a CSS selector finds, once it is there. */
  async press(selector) {
    await this.seen(selector);
    this.presses.push(selector);
    await this.page.click(selector);
  }

  /** Presses what a screen reader would call so: `pressNamed('button', '開始する')`. */
  async pressNamed(role, name) {
    this.presses.push(`${role} ${name}`);
    if (this.engine === 'chromium') {
      await this.page.getByRole(role, { name }).first().click({ timeout: WAIT_MS_MAX });
      return;
    }
    const found = await this.page.waitForSelector(`::-p-aria([name=${JSON.stringify(name)}][role="${role}"])`, {
      timeout: WAIT_MS_MAX,
    });
    await found.click();
  }

  /** Presses a key that does something, such as Enter in a form. */
  async pressKey(key) {
    this.presses.push(`key ${key}`);
    await this.page.keyboard.press(key);
  }

  /** Moves on with the keyboard; no press. */
  async tab(times = 1) {
    for (let i = 0; i < times; i += 1) await this.page.keyboard.press('Tab');
  }

  /** Writes into a field, in place of what stands there. */
  async write(selector, text) {
    await this.seen(selector);
    await this.page.$eval(selector, (field) => {
      field.value = '';
    });
    await this.page.type(selector, text);
  }

  /** Chooses from a list by value. */
  async choose(selector, value) {
    await this.seen(selector);
    this.presses.push(`${selector} = ${value}`);
    if (this.engine === 'chromium') await this.page.selectOption(selector, value);
    else await this.page.select(selector, value);
  }

  /** Moves on the page until something is in view; no press. */
  async scrollTo(selector) {
    await this.seen(selector);
    await this.page.$eval(selector, (place) => place.scrollIntoView({ block: 'center' }));
  }

  /** Waits until a CSS selector finds something that is shown. */
  async seen(selector, wait = WAIT_MS_MAX) {
    await this.page.waitForSelector(selector, { timeout: wait, ...(this.engine === 'firefox' && { visible: true }) });
  }

  /** Waits until the words stand on the page. */
  async reads(words, wait = WAIT_MS_MAX) {
    await this.until(`„${words}“`, () => this.text().then((text) => text.includes(words)), wait);
  }

  /** Waits until the path of the page is this, or matches this. */
  async arrives(path, wait = WAIT_MS_MAX) {
    const matches = () => {
      const own = new URL(this.page.url()).pathname;
      return path instanceof RegExp ? path.test(own) : own === path;
    };
    await this.until(String(path), matches, wait);
  }

  /** Asks again until the answer is truthy, and gives it. A page that is just being left gives no answer. */
  async until(what, ask, wait = WAIT_MS_MAX) {
    const end = Date.now() + wait;
    let last;
    while (Date.now() < end) {
      try {
        const answer = await ask();
        if (answer) return answer;
        last = undefined;
      } catch (error) {
        last = error;
      }
      await sleep(POLL_MS);
    }
    const picture = await this.picture(`failed-${this.name}`).catch(() => 'no picture');
    throw new Error(`${this.name} waited ${wait} ms for ${what} at ${this.page.url()} (${picture})`, { cause: last });
  }

  /** All words of the page. */
  text() {
    return this.page.evaluate(() => document.body.innerText);
  }

  /** Runs a function in the page. */
  evaluate(work, argument) {
    return this.page.evaluate(work, argument);
  }

  /** Keeps a picture of the whole page; gives its path. */
  async picture(name) {
    mkdirSync(out, { recursive: true });
    const path = join(out, `${name}.png`);
    // Hiding the caret would put a style into the page, against its policy.
    await this.page.screenshot({ path, fullPage: true, ...(this.engine === 'chromium' && { caret: 'initial' }) });
    return path;
  }

  /** The browser's own protocol; Chromium only. */
  protocol() {
    if (!this.#browser.protocol) throw new Error(`${this.engine} has no such protocol`);
    return this.#browser.protocol(this.page);
  }

  /** Ends the browser as a person does, by closing it. */
  close() {
    return this.#browser.close();
  }
}
