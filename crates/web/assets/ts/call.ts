// The call, for the patient's page and for the dock beside the chart: one module, driven by what the page
// holds. What the page must hold stands in README.md. Nothing is recorded and nothing is kept here.
import { all, byId, isStaff, isTyping } from './page/dom';
import { Board } from './media/board';
import { camera, cameras, capture, picture, stop, type Own } from './media/capture';
import { Health, sample } from './media/health';
import { Link, type LinkState } from './media/link';
import { shrink, type Pair } from './media/peer';
import { Sound } from './media/sound';
import { Voice } from './media/voice';

const LOOK_EVERY_MS = 2_000;
const ARRANGE_EVERY_MS = 200;
const METER_EVERY_MS = 100;
const SILENT_AFTER_S = 8;
const WORDS_AFTER_MS = 3_000;
const PHONE_AFTER_MS = 20_000;
const LEAVE_AFTER_MS = 1_500;
const TROUBLE_EVERY_MS = 5_000;

/** True while packets of this person came within the last ten seconds. */
const flows = (pair: Pair): boolean =>
  [pair.audio, pair.video].some((line) => line.receiver.getSynchronizationSources().length > 0);

class Call {
  private readonly board: Board;
  private readonly health = new Health();
  private readonly sound = new Sound();
  private readonly data: DOMStringMap;
  private own: Own | null = null;
  private link: Link | null = null;
  private voice: Voice | null = null;
  private linkState: LinkState = 'connecting';
  private facing: 'user' | 'environment' = 'user';
  private timers: number[] = [];
  private patience: number[] = [];
  private shown: (Pair | undefined)[] = [];
  private lastTrouble = 0;
  private lamp: WakeLockSentinel | null = null;

  constructor(private readonly root: HTMLElement) {
    this.data = root.dataset;
    this.board = new Board(root);
    this.buttons();
    this.ends();
    if ('chime' in this.data) void this.sound.unlock().then(() => this.sound.pingPong());
  }

  async start(): Promise<void> {
    this.board.set('state', 'preview' in this.data ? 'preview' : 'connecting');
    this.board.set('peer', 'none');
    this.board.set('device', 'asking');
    stop(this.own?.stream ?? null);
    const own = await capture(picture(this.data['video'], this.facing));
    if (typeof own === 'string') {
      this.board.set('device', own);
      this.trouble(`device-${own}`);
      return;
    }
    this.own = own;
    if (!own.camera) this.trouble('device-nocamera');
    this.taken(own);
    for (const flip of all('[data-call-flip]', this.root)) flip.hidden = (await cameras()) < 2;
    if (!('preview' in this.data)) this.connect(own.stream);
    this.tick();
    void this.keepAwake();
  }

  private taken(own: Own): void {
    this.board.set('device', own.camera ? 'ok' : 'nocamera');
    this.board.set('camera', own.camera ? 'on' : 'none');
    this.board.set('mic', 'ok');
    this.watchMicrophone();
    this.mirror(own.stream);
  }

  private connect(stream: MediaStream): void {
    const url = this.data['signalUrl'];
    if (!url) return;
    this.link?.close();
    this.link = new Link(url, stream, { state: (state) => this.heard(state), peer: () => { this.shown = this.shown.map(() => undefined); } });
    this.link.again();
  }

  // ---- what the line says -------------------------------------------------------------------------

  private heard(state: LinkState): void {
    this.linkState = state;
    switch (state) {
      case 'connecting':
        this.board.set('state', 'connecting');
        return this.wait();
      case 'reconnecting':
        return this.quiet();
      case 'up':
        this.health.startAgain();
        return void this.look();
      case 'lost':
        this.board.set('peer', 'unknown');
        this.patience.forEach(clearTimeout);
        this.board.set('state', 'lost');
        this.board.set('wait', 'phone');
        return;
      case 'ended':
        return this.over();
    }
  }

  /** No words for 3 s, then words, and after 20 s the telephone. */
  private wait(): void {
    this.patience.forEach(clearTimeout);
    this.board.set('wait', 'brief');
    this.patience = [
      window.setTimeout(() => this.board.set('wait', 'words'), WORDS_AFTER_MS),
      window.setTimeout(() => this.board.set('wait', 'phone'), PHONE_AFTER_MS),
    ];
  }

  private async look(): Promise<void> {
    const peer = this.link?.peer;
    if (!peer || this.linkState !== 'up') return;
    const verdict = this.health.take(await sample(peer.pc));
    if (this.link?.peer !== peer || this.linkState !== 'up') return;
    // The browser will say so itself some seconds later; the picture is dimmed now, and nobody else is blamed.
    if (verdict.ours) return this.quiet();
    const here = verdict.voice || verdict.picture;
    if (verdict.ever && !here && !verdict.gone) return;
    this.patience.forEach(clearTimeout);
    this.board.set('wait', 'none');
    this.board.set('peer', here ? 'here' : verdict.ever ? 'gone' : 'none');
    this.board.set('picture', !here ? 'none' : verdict.picture ? 'both' : 'voice');
    const state = !here ? 'waiting' : verdict.weak ? 'weak' : 'good';
    if (state !== this.board.get('state')) {
      void shrink(peer.picture, state === 'weak');
      if (state === 'weak') this.trouble('line-weak');
    }
    this.board.set('state', state);
  }

  private quiet(): void {
    this.board.set('peer', 'unknown');
    if (this.board.get('state') === 'reconnecting') return;
    this.board.set('state', 'reconnecting');
    this.wait();
  }

  // ---- pictures -----------------------------------------------------------------------------------

  private mirror(stream: MediaStream): void {
    for (const self of all<HTMLVideoElement>('video[data-self]', this.root)) {
      self.srcObject = stream;
      self.muted = true;
      self.toggleAttribute('data-mirror', this.facing === 'user');
      void self.play().catch(() => undefined);
    }
  }

  /**
   * A pair through which packets come takes the first free picture, the large one first. One that fell
   * still gives its place up, but the large picture keeps its last frame until another takes it.
   *
   * Packets are asked for, because Chromium calls a track unmuted before anything came.
   */
  private arrange(): void {
    const peer = this.link?.peer;
    if (!peer || this.linkState !== 'up') return;
    const views = all<HTMLVideoElement>('video[data-remote]', this.root);
    const flowing = peer.pairs.filter(flows);
    views.forEach((view, place) => {
      const still = !this.shown[place] || !flowing.includes(this.shown[place]);
      const next = still ? flowing.find((pair) => !this.shown.includes(pair)) : undefined;
      if (next) this.show(view, place, next);
      else if (still && place > 0) this.clear(view, place);
    });
  }

  private show(view: HTMLVideoElement, place: number, pair: Pair): void {
    this.shown[place] = pair;
    view.srcObject = pair.stream;
    const frame = view.closest<HTMLElement>('[data-seat]');
    if (frame) frame.hidden = false;
    void this.play(view);
    void this.look();
  }

  private clear(view: HTMLVideoElement, place: number): void {
    if (!this.shown[place]) return;
    this.shown[place] = undefined;
    view.srcObject = null;
    const frame = view.closest<HTMLElement>('[data-seat]');
    if (frame) frame.hidden = true;
  }

  private async play(view: HTMLVideoElement): Promise<void> {
    try {
      await view.play();
      this.board.set('sound', 'on');
    } catch (error) {
      // The browser wants a press before it sounds: the page shows the button for it.
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.board.set('sound', 'blocked');
    }
  }

  /** "Start the sound again": every picture is fetched anew from the connection. */
  private resound(): void {
    void this.sound.unlock();
    for (const view of all<HTMLVideoElement>('video[data-remote]', this.root)) {
      const stream = view.srcObject;
      if (!stream) continue;
      view.srcObject = null;
      view.srcObject = stream;
      view.muted = false;
      void this.play(view);
    }
  }

  // ---- one's own voice ----------------------------------------------------------------------------

  private watchMicrophone(): void {
    this.voice?.close();
    const stream = this.own?.stream;
    const track = stream?.getAudioTracks()[0];
    if (!stream || !track) return;
    this.voice = new Voice(stream);
    const paused = (): void => { this.board.set('mic', 'paused'); this.trouble('mic-paused'); };
    // A telephone call takes the microphone: the track is muted by the phone, or ends.
    track.addEventListener('mute', paused);
    track.addEventListener('ended', paused);
    track.addEventListener('unmute', () => { this.voice?.startAgain(); this.board.set('mic', track.enabled ? 'ok' : 'muted'); });
  }

  private listen(): void {
    this.voice?.draw(this.root.querySelector<HTMLMeterElement>('meter[data-meter]'));
    const now = this.board.get('mic');
    if (now !== 'ok' && now !== 'silent') return;
    const silent = (this.voice?.nothingFor() ?? 0) >= SILENT_AFTER_S;
    if (silent && now === 'ok') this.trouble('mic-silent');
    this.board.set('mic', silent ? 'silent' : 'ok');
  }

  // ---- buttons ------------------------------------------------------------------------------------

  private buttons(): void {
    const acts: [string, (button: HTMLElement) => void][] = [
      ['[data-call-mute]', (button) => this.toggle(button, 'audio')],
      ['[data-call-camera]', (button) => this.toggle(button, 'video')],
      ['[data-call-flip]', () => void this.flip()],
      ['[data-call-play], [data-call-resound]', () => this.resound()],
      ['[data-call-retry]', () => this.retry()],
    ];
    this.root.addEventListener('click', (event) => {
      const from = event.target instanceof Element ? event.target : null;
      for (const [selector, act] of acts) {
        const button = from?.closest<HTMLElement>(selector);
        if (button) act(button);
      }
    });
    document.addEventListener('keydown', (event) => this.key(event));
  }

  private toggle(button: HTMLElement, kind: 'audio' | 'video'): void {
    const tracks = (kind === 'audio' ? this.own?.stream.getAudioTracks() : this.own?.stream.getVideoTracks()) ?? [];
    if (tracks.length === 0) return;
    const off = tracks.some((track) => track.enabled);
    for (const track of tracks) track.enabled = !off;
    button.setAttribute('aria-pressed', String(off));
    if (kind === 'video') return this.board.set('camera', off ? 'off' : 'on');
    this.voice?.startAgain();
    this.board.set('mic', off ? 'muted' : 'ok');
  }

  /** M and V on a patient's keyboard; staff have Alt+M from the page. Single keys are off while a field has the focus. */
  private key(event: KeyboardEvent): void {
    if (isStaff() || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.body.dataset['keys'] === 'off' || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const selector = event.key === 'm' ? '[data-call-mute]' : event.key === 'v' ? '[data-call-camera]' : null;
    if (selector) this.root.querySelector<HTMLElement>(selector)?.click();
  }

  private async flip(): Promise<void> {
    const stream = this.own?.stream;
    const before = stream?.getVideoTracks()[0];
    if (!stream || !before) return;
    // A phone opens one camera at a time.
    before.stop();
    this.facing = this.facing === 'user' ? 'environment' : 'user';
    let next = await camera(picture(this.data['video'], this.facing));
    if (!next) {
      this.facing = this.facing === 'user' ? 'environment' : 'user';
      next = await camera(picture(this.data['video'], this.facing));
    }
    stream.removeTrack(before);
    if (!next) return this.board.set('camera', 'none');
    next.enabled = this.board.get('camera') !== 'off';
    stream.addTrack(next);
    await this.link?.peer?.picture.replaceTrack(next).catch(() => undefined);
    this.mirror(stream);
  }

  /** Whatever is wrong: the devices first, else the line. */
  private retry(): void {
    const device = this.board.get('device');
    if (device !== 'ok' && device !== 'nocamera') return void this.start();
    if (this.board.get('mic') === 'paused' || device === 'nocamera') return void this.retake();
    this.link?.again();
  }

  /** After a telephone call, or when the camera is back: fresh tracks into the same connection. */
  private async retake(): Promise<void> {
    const stream = this.own?.stream;
    if (!stream) return void this.start();
    const fresh = await capture(picture(this.data['video'], this.facing));
    if (typeof fresh === 'string') return this.board.set('device', fresh);
    for (const old of stream.getTracks()) { old.stop(); stream.removeTrack(old); }
    for (const track of fresh.stream.getTracks()) stream.addTrack(track);
    this.own = { stream, camera: fresh.camera };
    const peer = this.link?.peer;
    await peer?.sound.replaceTrack(stream.getAudioTracks()[0] ?? null).catch(() => undefined);
    await peer?.picture.replaceTrack(stream.getVideoTracks()[0] ?? null).catch(() => undefined);
    for (const button of all('[data-call-mute], [data-call-camera]', this.root)) button.setAttribute('aria-pressed', 'false');
    this.taken(this.own);
  }

  // ---- time, light, trouble, end ------------------------------------------------------------------

  private tick(): void {
    this.timers.forEach(clearInterval);
    this.timers = [
      window.setInterval(() => void this.look(), LOOK_EVERY_MS),
      window.setInterval(() => this.arrange(), ARRANGE_EVERY_MS),
      window.setInterval(() => this.listen(), METER_EVERY_MS),
      window.setInterval(() => this.clock(), 1_000),
    ];
  }

  /** `data-clock` holds the seconds that had passed when the page was made; they are shown as mm:ss. */
  private clock(): void {
    const clock = this.root.querySelector<HTMLElement>('[data-clock]');
    if (!clock) return;
    const seconds = Math.floor(Number(clock.dataset['clock']) + performance.now() / 1000);
    clock.textContent = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  }

  private async keepAwake(): Promise<void> {
    if (document.visibilityState !== 'visible' || this.linkState === 'ended') return;
    this.lamp = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
  }

  /** The other side is told what is wrong here, as one word, where the page says whom to tell. */
  private trouble(what: string): void {
    const url = this.data['troubleUrl'];
    const now = performance.now();
    if (!url || (this.lastTrouble > 0 && now - this.lastTrouble < TROUBLE_EVERY_MS)) return;
    this.lastTrouble = now;
    void fetch(url, { method: 'POST', body: new URLSearchParams({ what }), redirect: 'manual' }).catch(() => undefined);
  }

  private ends(): void {
    // The server's word, through hx-sse, is an event of this name on some element of the page.
    document.addEventListener('call-ended', () => this.link ? this.link.end() : this.over());
    document.addEventListener('visibilitychange', () => void this.keepAwake());
    window.addEventListener('pagehide', () => { this.link?.close(); stop(this.own?.stream ?? null); });
    // Shown again from the browser's memory: devices and line are gone, so the page begins anew.
    window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  }

  private over(): void {
    this.timers.forEach(clearInterval);
    this.patience.forEach(clearTimeout);
    stop(this.own?.stream ?? null);
    this.voice?.close();
    this.sound.close();
    void this.lamp?.release().catch(() => undefined);
    this.board.set('wait', 'none');
    this.board.set('state', 'ended');
    const next = this.data['afterUrl'];
    if (next) window.setTimeout(() => location.assign(next), LEAVE_AFTER_MS);
  }
}

const root = document.querySelector<HTMLElement>('[data-call]') ?? byId('on-call');
if (root) void new Call(root).start();
