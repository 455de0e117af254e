// The drivers themselves: both browsers start, press, write, and send picture and sound under a strict policy.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { violations } from './lib/axe.mjs';
import { atChromium, atFirefox, PHONE } from './lib/browsers.mjs';
import { seesAndHears } from './lib/peers.mjs';

const POLICY =
  "default-src 'none'; script-src 'nonce-n'; style-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'";

const PAGE = `<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>試し</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>試し</h1>
<form action="/sent"><label for="name">名前</label> <input id="name" name="name"> <button id="send">送る</button></form>
<video id="seen" muted autoplay></video></main><script nonce="n">
async function loop() {
  const one = new RTCPeerConnection(), other = new RTCPeerConnection();
  one.onicecandidate = (e) => e.candidate && other.addIceCandidate(e.candidate);
  other.onicecandidate = (e) => e.candidate && one.addIceCandidate(e.candidate);
  other.ontrack = (e) => { document.getElementById('seen').srcObject = e.streams[0]; };
  const camera = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  for (const track of camera.getTracks()) one.addTrack(track, camera);
  await one.setLocalDescription(); await other.setRemoteDescription(one.localDescription);
  await other.setLocalDescription(); await one.setRemoteDescription(other.localDescription);
}
</script></body></html>`;

const SENT = '<!doctype html><html lang="ja"><head><title>届いた</title></head><body><main><h1>届きました</h1></main></body></html>';

const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Security-Policy', POLICY);
  response.end(request.url.startsWith('/sent') ? SENT : PAGE);
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
  test(`${engine} presses, writes, sees and hears`, { timeout: 120_000 }, async () => {
    const person = await start('somebody', { screen: PHONE });
    try {
      await person.open(address);
      await person.evaluate(() => loop());
      const seen = await seesAndHears(person);
      assert.ok(seen.connected >= 1 && seen.width > 0);
      await person.write('#name', 'ヤマダ');
      await person.pressNamed('button', '送る');
      await person.reads('届きました');
      assert.match(decodeURI(person.page.url()), /name=ヤマダ/);
      assert.deepEqual(person.presses, ['button 送る']);
    } finally {
      await person.close();
    }
    assert.ok(!existsSync(person.profile));
  });
}

test('axe finds what is wrong and nothing else, under the strict policy', { timeout: 60_000 }, async () => {
  const person = await atChromium('somebody');
  try {
    await person.open(address);
    assert.deepEqual(await violations(person), []);
    await person.evaluate(() => document.querySelector('label').remove());
    assert.match((await violations(person)).join(), /^label/);
  } finally {
    await person.close();
  }
});

test('without script a form still goes', { timeout: 60_000 }, async () => {
  const person = await atChromium('somebody', { script: false });
  try {
    await person.open(address);
    await person.write('#name', 'x');
    await person.press('#send');
    await person.arrives('/sent');
  } finally {
    await person.close();
  }
});
