// The device check: own picture, own voice, a tone, and the line, on the path of the call itself. The first
// press asks for camera and microphone, the second answers whether the tone was heard and sends the form.
import { all, say } from './page/dom';
import { Board } from './media/board';
import { capture, picture, stop, type Own } from './media/capture';
import { sample, type Sample } from './media/health';
import { offer, peer, type Peer } from './media/peer';
import { Sound } from './media/sound';
import { Voice } from './media/voice';

/** The echo is a room of one for at most this long. */
const WHOLE_MS = 60_000;
const CONNECT_MS = 10_000;
const MEASURE_MS = 6_000;
const ENOUGH_FRAMES = 15;
const ENOUGH_PACKETS = 50;
const LINE_WAIT_MS = 8_000;
const SILENT_AFTER_S = 3;
const WEAK_RTT_MS = 400;
const WEAK_LOSS = 0.05;
const LOUD = 0.8;

const rest = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

class Check {
  private readonly board: Board;
  private readonly sound = new Sound();
  private own: Own | null = null;
  private voice: Voice | null = null;
  private echo: Peer | null = null;
  private mouth = 0;
  private alarm = 0;
  private played = 0;
  private line: Promise<void> = Promise.resolve();
  /** The server counts seconds of this check: it goes on for all of its time, enough or not. */
  private readonly whole: boolean;

  constructor(private readonly form: HTMLFormElement) {
    this.board = new Board(form);
    this.whole = form.dataset['device'] === 'whole';
    this.board.set('state', 'ready');
    for (const start of all('[data-device-start]', form)) start.addEventListener('click', () => void this.start());
    for (const again of all('[data-device-again]', form)) again.addEventListener('click', () => void this.tone());
    for (const answer of all('[data-device-answer]', form)) answer.addEventListener('click', () => void this.answer(answer));
    window.addEventListener('pagehide', () => this.close());
  }

  private async start(): Promise<void> {
    if (this.board.get('state') === 'asking') return;
    this.close();
    // The press also unlocks the sound; it must be asked for before anything is waited for.
    const unlocked = this.sound.unlock();
    this.board.set('state', 'asking');
    const own = await capture(picture(this.form.dataset['video']));
    await unlocked;
    if (typeof own === 'string') {
      this.board.set('device', own);
      this.board.set('state', 'failed');
      this.write('camera', 'no');
      this.write('mic', 'no');
      this.write('failure', own);
      return;
    }
    this.own = own;
    this.write('failure', '');
    this.write('camera', own.camera ? 'yes' : 'no');
    this.board.set('device', own.camera ? 'ok' : 'nocamera');
    this.board.set('state', 'checking');
    this.alarm = window.setTimeout(() => this.close(), WHOLE_MS);
    this.showSelf(own.stream);
    this.hear(own.stream);
    this.line = this.measure(own.stream);
    await this.tone();
  }

  private showSelf(stream: MediaStream): void {
    for (const self of all<HTMLVideoElement>('video[data-self]', this.form)) {
      self.srcObject = stream;
      self.muted = true;
      void self.play().catch(() => undefined);
    }
  }

  private hear(stream: MediaStream): void {
    const voice = new Voice(stream);
    this.voice = voice;
    this.board.set('mic', 'wait');
    this.mouth = window.setInterval(() => {
      voice.draw(this.form.querySelector<HTMLMeterElement>('meter[data-meter]'));
      const silent = voice.nothingFor() >= SILENT_AFTER_S;
      this.board.set('mic', silent ? 'silent' : voice.spoke() ? 'ok' : 'wait');
      this.write('mic', silent ? 'silent' : 'yes');
    }, 100);
  }

  private async tone(): Promise<void> {
    this.board.set('tone', 'playing');
    await this.sound.unlock();
    // Louder from the second time on.
    await this.sound.pingPong(this.played > 0 ? LOUD : undefined);
    this.played += 1;
    this.board.set('tone', 'ask');
    if (this.board.get('state') === 'checking') this.board.set('state', 'answer');
  }

  // ---- the line -----------------------------------------------------------------------------------

  private async measure(stream: MediaStream): Promise<void> {
    const url = this.form.dataset['echoUrl'];
    if (!url) return;
    this.board.set('line', 'wait');
    const echo = peer(stream, 1);
    this.echo = echo;
    const screen = document.createElement('video');
    screen.muted = true;
    screen.playsInline = true;
    // Looked at by nobody, and silent: played so that the browser decodes what came back.
    screen.srcObject = new MediaStream(echo.pairs.map((pair) => pair.video.receiver.track));
    void screen.play().catch(() => undefined);
    try {
      const outcome = await offer(echo, url);
      if (outcome !== 'answered') return this.judge(null, outcome === 'later' ? 'noserver' : outcome);
      if (!(await this.connected(echo.pc))) return this.judge(null, 'blocked');
      this.judge(await this.came(echo.pc), null);
    } catch {
      this.judge(null, 'noserver');
    } finally {
      screen.srcObject = null;
      echo.pc.close();
    }
  }

  private async connected(pc: RTCPeerConnection): Promise<boolean> {
    for (const began = performance.now(); performance.now() - began < CONNECT_MS; await rest(50)) {
      if (pc.connectionState === 'connected') return true;
      if (pc.connectionState === 'failed' || pc.connectionState === 'closed') return false;
    }
    return false;
  }

  private async came(pc: RTCPeerConnection): Promise<Sample> {
    const began = performance.now();
    let now = await sample(pc);
    while (performance.now() - began < MEASURE_MS && pc.connectionState !== 'closed') {
      now = await sample(pc);
      if (!this.whole && now.audio >= ENOUGH_PACKETS && (now.frames >= ENOUGH_FRAMES || !this.own?.camera)) break;
      await rest(200);
    }
    return now;
  }

  private judge(got: Sample | null, failure: string | null): void {
    if (!got || failure) {
      this.write('path', 'none');
      this.write('failure', failure ?? 'noserver');
      return this.board.set('line', failure === 'blocked' ? 'blocked' : 'unknown');
    }
    const back = got.audio > 0 && (got.frames > 0 || !this.own?.camera);
    const loss = got.lost / Math.max(1, got.audio + got.video + got.lost);
    this.write('path', back ? got.path : 'none');
    this.write('frames', String(got.frames));
    this.write('packets', String(got.audio));
    this.write('rtt_ms', String(Math.round(got.rttMs ?? 0)));
    this.write('jitter_ms', String(Math.round(got.jitterMs ?? 0)));
    this.write('lost', String(got.lost));
    this.board.set('line', !back ? 'blocked' : loss > WEAK_LOSS || (got.rttMs ?? 0) > WEAK_RTT_MS ? 'weak' : 'good');
  }

  // ---- the answer ---------------------------------------------------------------------------------

  private async answer(button: HTMLElement): Promise<void> {
    if (this.board.get('state') === 'sending') return;
    this.board.set('state', 'sending');
    button.classList.add('is-busy');
    this.write('tone', button.dataset['deviceAnswer'] === 'yes' ? 'yes' : 'no');
    this.write('voice', this.voice?.spoke() ? 'yes' : 'no');
    // The line's result is part of the answer; a line that cannot say by then is told as unknown.
    const told = await Promise.race([this.line.then(() => true), rest(LINE_WAIT_MS).then(() => false)]);
    if (!told) this.write('failure', 'slow');
    this.close();
    this.form.requestSubmit();
  }

  private write(name: string, value: string): void {
    const field = this.form.elements.namedItem(name);
    if (field instanceof HTMLInputElement && field.type === 'hidden') field.value = value;
  }

  private close(): void {
    clearTimeout(this.alarm);
    clearInterval(this.mouth);
    this.echo?.pc.close();
    stop(this.own?.stream ?? null);
    this.voice?.close();
    this.voice = null;
    if (this.board.get('state') === 'answer') say(this.form.querySelector('[data-device-question]')?.textContent);
  }
}

const form = document.querySelector<HTMLFormElement>('form[data-device]');
if (form) new Check(form);
