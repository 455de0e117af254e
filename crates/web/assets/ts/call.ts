// The call, for the patient's page and for the dock beside the chart: one module, driven by what the page
// holds. What the page must hold stands in README.md. Nothing is recorded and nothing is kept here.
//
// Before admission it stands by: camera and microphone are open and the line is connected, but nothing goes
// into it. When the physician admits, the same document becomes the call.
import { all, byId, isStaff, isTyping, onPage, type HtmxEvent } from './page/dom';
import { Board } from './media/board';
import { camera, cameras, capture, picture, stop, type Own } from './media/capture';
import { headset } from './media/headset';
import { Health, sample } from './media/health';
import { Link, type LinkState } from './media/link';
import { shrink, type Pair } from './media/peer';
import { Sound } from './media/sound';
import { Tabs } from './media/tabs';
import { Voice } from './media/voice';

const LOOK_EVERY_MS = 2_000;
const ARRANGE_EVERY_MS = 200;
const METER_EVERY_MS = 100;
const SILENT_AFTER_S = 8;
const WORDS_AFTER_MS = 3_000;
const PHONE_AFTER_MS = 20_000;
const LEAVE_AFTER_MS = 1_500;
const TROUBLE_EVERY_MS = 5_000;
/** A first frame is believed for so long, whatever the counters say. */
const SAW_MS = 3_000;
/** While the admit press is answered the first picture may come at any moment. */
const ARRANGE_SOON_MS = 40;
/** A line that was lost while waiting is connected again after this; another window may hold it. */
const WAIT_AGAIN_MS = 20_000;
/** "3分 待っています": after that the patient is told what else can be done. */
const AWAY_AFTER_MS = 180_000;
/** Nobody was ever seen for so long: the same words, and the telephone. */
const LATE_AFTER_MS = 20_000;

/** True while packets of this person came within the last ten seconds. */
const flows = (pair: Pair): boolean =>
  [pair.audio, pair.video].some((line) => line.receiver.getSynchronizationSources().length > 0);

class Call {
  private readonly board: Board;
  /** The words of the waiting room, while it is one. */
  private readonly panel: Board | null;
  private readonly health = new Health();
  private readonly sound = new Sound();
  private readonly data: DOMStringMap;
  /** One's own voice and picture, the same stream whatever tracks it holds. */
  private readonly stream = new MediaStream();
  private standsBy: boolean;
  /** Camera, microphone and line are let go until the turn is near. */
  private rests = false;
  private taking: Promise<void> | null = null;
  private link: Link | null = null;
  private voice: Voice | null = null;
  private linkState: LinkState = 'connecting';
  private facing: 'user' | 'environment' = 'user';
  private timers: number[] = [];
  private pictures = 0;
  private heardTrack: MediaStreamTrack | null = null;
  private patience: number[] = [];
  private shown: (Pair | undefined)[] = [];
  private lastTrouble = 0;
  private hearsDevices = false;
  private lamp: WakeLockSentinel | null = null;
  private begunAt = 0;
  private sawAt = -Infinity;
  private again = 0;
  /** Since when the line stands and nobody is seen. */
  private aloneAt = Infinity;
  private readonly tabs: Tabs;

  constructor(private readonly root: HTMLElement) {
    this.data = root.dataset;
    this.tabs = new Tabs(this.data['signalUrl'] ?? '', () => this.stepAside());
    this.board = new Board(root);
    const panel = document.querySelector<HTMLElement>('[data-standby-words]');
    this.panel = panel ? new Board(panel) : null;
    this.standsBy = 'standby' in this.data || 'preview' in this.data;
    for (const part of [root, ...(panel ? [panel] : [])]) this.buttons(part);
    document.addEventListener('keydown', (event) => this.key(event));
    this.ends();
    if (this.standsBy) this.waits();
    else this.chime();
  }

  /** The patient's page says when to be ready; the physician's is ready as soon as it is open. */
  get waitsForWord(): boolean {
    return 'standby' in this.data;
  }

  async start(): Promise<void> {
    this.rests = false;
    if (!this.standsBy) this.tabs.claim();
    this.set('state', this.standsBy ? 'preview' : 'connecting');
    this.set('peer', 'none');
    this.tick();
    await this.take();
    // Without camera and microphone too: the other is seen and heard.
    if (!this.rests) this.connect();
    if (!this.standsBy) void this.keepAwake();
  }

  /** Another window of this browser has the call. Here nothing is taken and nothing is tried until somebody presses. */
  private stepAside(): void {
    this.link?.close();
    this.link = null;
    this.stopLooking();
    this.patience.forEach(clearTimeout);
    this.letGo();
    this.voice?.close();
    this.voice = null;
    this.board.set('wait', 'none');
    this.board.set('peer', 'unknown');
    this.board.set('state', 'elsewhere');
  }

  private set(group: string, value: string): void {
    this.panel?.set(group, value);
    this.board.set(group, value);
  }

  /** Asks for camera and microphone; twice at one time is once. */
  private take(): Promise<void> {
    this.taking ??= this.taken().finally(() => { this.taking = null; });
    return this.taking;
  }

  private async taken(): Promise<void> {
    this.set('device', 'asking');
    const own = await capture(picture(this.data['video'], this.facing));
    if (this.rests) {
      if (typeof own !== 'string') stop(own.stream);
      return this.set('device', 'rest');
    }
    if (typeof own === 'string') {
      this.set('device', own);
      return this.trouble(`device-${own}`);
    }
    this.has(own);
    if (!own.camera) this.trouble('device-nocamera');
    for (const flip of all('[data-call-flip]', this.root)) flip.hidden = (await cameras()) < 2;
  }

  private has(own: Own): void {
    this.letGo();
    for (const track of own.stream.getTracks()) this.stream.addTrack(track);
    this.set('device', own.camera ? 'ok' : 'nocamera');
    this.set('camera', own.camera ? 'on' : 'none');
    this.set('mic', 'ok');
    this.watchMicrophone();
    this.mirror(this.stream);
    void this.hears();
    if (!this.standsBy) void this.link?.give(true);
  }

  /** Staff are told whether the room hears the patient (cl-2.5.1.1-x-a); asked again when a device comes or goes. */
  private async hears(): Promise<void> {
    if (!isStaff()) return;
    this.board.set('headset', await headset(this.stream));
    if (this.hearsDevices) return;
    this.hearsDevices = true;
    navigator.mediaDevices?.addEventListener?.('devicechange', () => void this.hears());
  }

  private letGo(): void {
    for (const track of this.stream.getTracks()) { track.stop(); this.stream.removeTrack(track); }
  }

  private connect(): void {
    const url = this.data['signalUrl'];
    if (!url || this.link) return;
    this.link = new Link(url, this.stream, { state: (state) => this.heard(state), peer: () => { this.shown = this.shown.map(() => undefined); } }, !this.standsBy);
    this.link.again();
  }

  // ---- before admission ---------------------------------------------------------------------------

  private waits(): void {
    this.root.addEventListener('call-ready', () => void this.start());
    this.root.addEventListener('call-rest', () => this.rest());
    this.root.addEventListener('call-begins', (event) => this.begin(event instanceof CustomEvent ? String(event.detail ?? '') : ''));
    // The physician's press: one's own picture is under way while the server judges, which forwards none of it before.
    onPage('htmx:before:request', (event) => { if (this.admits(event)) this.offer(true); });
    onPage('htmx:after:swap', () => { if (this.standsBy && document.querySelector('[data-call-live]')) this.begin(); });
    onPage('htmx:finally:request', (event) => { if (this.standsBy && this.admits(event)) this.offer(false); });
  }

  private admits(event: HtmxEvent): boolean {
    return this.standsBy && event.detail.ctx?.sourceElement?.matches('[data-admits]') === true;
  }

  private offer(gives: boolean): void {
    void this.link?.give(gives);
    this.watchPictures(gives ? ARRANGE_SOON_MS : ARRANGE_EVERY_MS);
  }

  /** The turn is far, or nobody looks at the page: camera, microphone and line are let go. */
  private rest(): void {
    if (!this.standsBy) return;
    this.rests = true;
    clearTimeout(this.again);
    this.stopLooking();
    this.link?.close();
    this.link = null;
    this.letGo();
    this.set('camera', 'none');
    this.set('device', 'rest');
  }

  /** Admitted: what stood by is the call. `mark` is what stands over the picture from now on. */
  private begin(mark = ''): void {
    if (!this.standsBy) return;
    this.standsBy = false;
    clearTimeout(this.again);
    this.begunAt = performance.now();
    delete this.data['standby'];
    delete this.data['preview'];
    this.root.classList.remove('is-preview');
    const label = this.data['liveLabel'];
    if (label) this.root.setAttribute('aria-label', label);
    const over = this.root.querySelector('.on-mark');
    if (over && mark) over.textContent = mark;
    this.chime();
    void this.keepAwake();
    if (!this.link) return void this.start();
    this.tabs.claim();
    this.set('state', 'connecting');
    this.wait();
    void this.link.give(true);
    this.link.hurry();
    this.watchMicrophone();
    this.tick();
    this.arrange();
    if (this.linkState === 'up') this.heard('up');
  }

  private chime(): void {
    if ('chime' in this.data) void this.sound.unlock().then(() => this.sound.pingPong());
  }

  // ---- what the line says -------------------------------------------------------------------------

  private heard(state: LinkState): void {
    this.linkState = state;
    if (this.standsBy) return this.heardWaiting(state);
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

  /** Nothing is said of the line while nobody needs it. */
  private heardWaiting(state: LinkState): void {
    clearTimeout(this.again);
    if (state !== 'lost') return;
    this.again = window.setTimeout(() => { if (this.standsBy && document.visibilityState === 'visible') this.link?.again(); }, WAIT_AGAIN_MS);
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
    if (!peer || this.linkState !== 'up' || this.standsBy) return;
    const verdict = this.health.take(await sample(peer.pc));
    if (this.link?.peer !== peer || this.linkState !== 'up') return;
    // The browser will say so itself some seconds later; the picture is dimmed now, and nobody else is blamed.
    if (verdict.ours) return this.quiet();
    const here = verdict.voice || verdict.picture;
    if (here) this.aloneAt = Infinity;
    // Counters need two looks; the eyes need none.
    if (!here && performance.now() - this.sawAt < SAW_MS) return;
    if (verdict.ever && !here && !verdict.gone) return;
    this.patience.forEach(clearTimeout);
    this.board.set('wait', 'none');
    this.board.set('peer', here ? 'here' : this.missing(verdict.ever));
    this.board.set('picture', !here ? 'none' : verdict.picture ? 'both' : 'voice');
    const state = !here ? 'waiting' : verdict.weak ? 'weak' : 'good';
    if (state !== this.board.get('state')) {
      void shrink(peer.picture, state === 'weak');
      if (state === 'weak') this.trouble('line-weak');
    }
    this.board.set('state', state);
  }

  /** How the other's absence is said. Staff read one word for it; the patient also learns when waiting is no longer all. */
  private missing(ever: boolean): string {
    this.aloneAt = Math.min(this.aloneAt, performance.now());
    const alone = isStaff() ? 0 : performance.now() - this.aloneAt;
    if (ever) return alone < AWAY_AFTER_MS ? 'gone' : 'away';
    return alone < LATE_AFTER_MS ? 'none' : 'late';
  }

  private quiet(): void {
    this.board.set('peer', 'unknown');
    if (this.board.get('state') === 'reconnecting') return;
    this.board.set('state', 'reconnecting');
    this.wait();
  }

  // ---- pictures -----------------------------------------------------------------------------------

  private mirror(stream: MediaStream): void {
    const parts = this.panel ? [this.root, this.panel.root] : [this.root];
    for (const self of parts.flatMap((part) => all<HTMLVideoElement>('video[data-self]', part))) {
      self.srcObject = stream;
      self.muted = true;
      self.toggleAttribute('data-mirror', this.facing === 'user');
      void self.play().catch(() => undefined);
    }
  }

  /**
   * Each picture is that of its own pair: the server gives the first one to whoever the page names (the patient, or the
   * physician), whoever comes first. A small picture that fell still is hidden; the large one keeps its last frame.
   *
   * Packets are asked for, because Chromium calls a track unmuted before anything came.
   */
  private arrange(): void {
    const peer = this.link?.peer;
    if (!peer || this.linkState !== 'up') return;
    const flowing = peer.pairs.filter(flows);
    // Packets come only to whoever was let in: this is the word, whether or not another one came.
    if (this.standsBy && flowing.length > 0) {
      if (this.waitsForWord) document.dispatchEvent(new CustomEvent('admit'));
      else this.begin();
    }
    if (this.standsBy) return;
    const views = all<HTMLVideoElement>('video[data-remote]', this.root);
    views.forEach((view, place) => {
      const pair = peer.pairs[place];
      if (!pair || !flowing.includes(pair)) {
        if (place > 0) this.clear(view, place);
      } else if (this.shown[place] !== pair) this.show(view, place, pair);
    });
  }

  private show(view: HTMLVideoElement, place: number, pair: Pair): void {
    this.shown[place] = pair;
    view.srcObject = pair.stream;
    const frame = view.closest<HTMLElement>('[data-seat]');
    if (frame) frame.hidden = false;
    view.addEventListener('loadeddata', () => this.sees(pair), { once: true });
    void this.play(view);
    void this.look();
  }

  /** The first frame of somebody is there: nothing stands before it any more. */
  private sees(pair: Pair): void {
    if (!this.shown.includes(pair)) return;
    this.sawAt = performance.now();
    this.patience.forEach(clearTimeout);
    this.board.set('wait', 'none');
    this.board.set('peer', 'here');
    this.board.set('picture', 'both');
    this.board.set('state', 'good');
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
    this.voice = null;
    const track = this.stream.getAudioTracks()[0];
    if (!track) return;
    // In the waiting room nobody listens, not even the page.
    if (!this.standsBy || !this.waitsForWord) this.voice = new Voice(this.stream);
    if (track === this.heardTrack) return;
    this.heardTrack = track;
    const paused = (): void => { this.set('mic', 'paused'); this.trouble('mic-paused'); };
    // A telephone call takes the microphone: the track is muted by the phone, or ends.
    track.addEventListener('mute', paused);
    track.addEventListener('ended', paused);
    track.addEventListener('unmute', () => { this.voice?.startAgain(); this.set('mic', track.enabled ? 'ok' : 'muted'); });
  }

  private listen(): void {
    if (!this.voice) return;
    this.voice.draw(this.root.querySelector<HTMLMeterElement>('meter[data-meter]'));
    const now = this.board.get('mic');
    if (now !== 'ok' && now !== 'silent') return;
    const silent = this.voice.nothingFor() >= SILENT_AFTER_S;
    if (silent && now === 'ok' && !this.standsBy) this.trouble('mic-silent');
    this.board.set('mic', silent ? 'silent' : 'ok');
  }

  // ---- buttons ------------------------------------------------------------------------------------

  private buttons(part: HTMLElement): void {
    const acts: [string, (button: HTMLElement) => void][] = [
      ['[data-call-mute]', (button) => this.toggle(button, 'audio')],
      ['[data-call-camera]', (button) => this.toggle(button, 'video')],
      ['[data-call-flip]', () => void this.flip()],
      ['[data-call-play], [data-call-resound]', () => this.resound()],
      ['[data-call-retry]', () => this.retry()],
      // A patient's visit may have gone on meanwhile; what a physician is writing stays.
      ['[data-call-here]', () => { if (isStaff()) void this.start(); else location.reload(); }],
    ];
    part.addEventListener('click', (event) => {
      const from = event.target instanceof Element ? event.target : null;
      for (const [selector, act] of acts) {
        const button = from?.closest<HTMLElement>(selector);
        if (button) act(button);
      }
    });
  }

  private toggle(button: HTMLElement, kind: 'audio' | 'video'): void {
    const tracks = kind === 'audio' ? this.stream.getAudioTracks() : this.stream.getVideoTracks();
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
    if (isStaff() || this.standsBy || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.body.dataset['keys'] === 'off' || !matchMedia('(any-hover: hover)').matches || isTyping(event.target) || document.querySelector('dialog[open]')) return;
    const selector = event.key === 'm' ? '[data-call-mute]' : event.key === 'v' ? '[data-call-camera]' : null;
    if (selector) this.root.querySelector<HTMLElement>(selector)?.click();
  }

  private async flip(): Promise<void> {
    const before = this.stream.getVideoTracks()[0];
    if (!before) return;
    // A phone opens one camera at a time.
    before.stop();
    this.facing = this.facing === 'user' ? 'environment' : 'user';
    let next = await camera(picture(this.data['video'], this.facing));
    if (!next) {
      this.facing = this.facing === 'user' ? 'environment' : 'user';
      next = await camera(picture(this.data['video'], this.facing));
    }
    this.stream.removeTrack(before);
    if (!next) return this.board.set('camera', 'none');
    next.enabled = this.board.get('camera') !== 'off';
    this.stream.addTrack(next);
    await this.link?.give(true);
    this.mirror(this.stream);
  }

  /** Whatever is wrong: the devices first, else the line. */
  private retry(): void {
    const broken = this.board.get('device') !== 'ok' || this.board.get('mic') === 'paused';
    if (broken) void this.retake();
    else this.link?.again();
  }

  /** After a telephone call, or when the camera is back: fresh tracks into the same connection. */
  private async retake(): Promise<void> {
    await this.take();
    for (const button of all('[data-call-mute], [data-call-camera]', this.root)) button.setAttribute('aria-pressed', 'false');
    if (!this.link) this.connect();
    else if (!this.standsBy) this.link.again();
  }

  // ---- time, light, trouble, end ------------------------------------------------------------------

  private tick(): void {
    this.stopLooking();
    this.timers = [
      window.setInterval(() => void this.look(), LOOK_EVERY_MS),
      window.setInterval(() => this.listen(), METER_EVERY_MS),
      window.setInterval(() => this.clock(), 1_000),
    ];
    this.watchPictures(ARRANGE_EVERY_MS);
  }

  private watchPictures(every: number): void {
    clearInterval(this.pictures);
    this.pictures = window.setInterval(() => this.arrange(), every);
  }

  private stopLooking(): void {
    this.timers.forEach(clearInterval);
    clearInterval(this.pictures);
  }

  /** `data-clock` holds the seconds that had passed when the page was made; they are shown as mm:ss. */
  private clock(): void {
    const clock = this.root.querySelector<HTMLElement>('[data-clock]');
    if (!clock || this.standsBy) return;
    const seconds = Math.floor(Number(clock.dataset['clock']) + (performance.now() - this.begunAt) / 1000);
    clock.textContent = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  }

  private async keepAwake(): Promise<void> {
    if (document.visibilityState !== 'visible' || this.linkState === 'ended' || this.standsBy) return;
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
    document.addEventListener('call-ended', () => { if (!this.standsBy) this.link ? this.link.end() : this.over(); });
    // The visit went on in another browser: it is not over, and only its own page can say where it is.
    document.addEventListener('moved', () => { if (!this.standsBy) this.moves(); });
    document.addEventListener('visibilitychange', () => void this.keepAwake());
    window.addEventListener('pagehide', () => { this.link?.close(); this.letGo(); });
    // Shown again from the browser's memory: devices and line are gone, so the page begins anew.
    window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  }

  private moves(): void {
    this.link?.close();
    this.letGo();
    location.assign(this.data['afterUrl'] || '/');
  }

  private over(): void {
    this.stopLooking();
    this.patience.forEach(clearTimeout);
    this.letGo();
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
if (root) {
  const call = new Call(root);
  if (!call.waitsForWord) void call.start();
}
