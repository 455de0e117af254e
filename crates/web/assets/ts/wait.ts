// The waiting room. hx-sse draws the block; here the camera is readied when the turn is near, the page becomes the
// call when the server says `admit`, the screen is kept awake, and the page loads itself anew if the stream stays away.
import { all, onPage } from './page/dom';

const STREAM_LOST_MS = 30_000;
const LOOK_EVERY_MS = 5_000;
/** A page that nobody looks at lets the camera go after this. */
const UNSEEN_MS = 10_000;
const VIBRATION_MS = [200, 100, 200];

const root = document.querySelector<HTMLElement>('[data-wait]');
const call = document.querySelector<HTMLElement>('[data-call][data-standby]');

async function keepAwake(): Promise<void> {
  if (document.visibilityState === 'visible') await navigator.wakeLock?.request('screen').catch(() => undefined);
}

/** Readies camera, microphone and line while the turn is near and the page is looked at, and lets them go else. */
function standBy(standing: HTMLElement): void {
  const tell = (what: 'call-ready' | 'call-rest'): void => void standing.dispatchEvent(new CustomEvent(what));
  let ready = false;
  let unseen = 0;
  const look = (): void => {
    const near = document.querySelector('#place [data-near]') !== null;
    const seen = document.visibilityState === 'visible';
    clearTimeout(unseen);
    if (ready && near && !seen) unseen = window.setTimeout(() => { ready = false; tell('call-rest'); }, UNSEEN_MS);
    if (ready === near || (near && !seen)) return;
    ready = near;
    tell(near ? 'call-ready' : 'call-rest');
  };
  onPage('htmx:sse:after:message', look);
  document.addEventListener('visibilitychange', look);
  look();
}

/** The waiting room goes, the call that stood by in the same document comes. A reload finds the call. */
function become(standing: HTMLElement, mark: string): void {
  for (const part of all('body > .on-bar, body > .on-main, body > .on-foot, body > .on-skip')) part.hidden = true;
  standing.hidden = false;
  document.title = standing.dataset['title'] || document.title;
  history.replaceState(null, '', standing.dataset['standby']);
  standing.dispatchEvent(new CustomEvent('call-begins', { bubbles: true, detail: mark }));
  standing.querySelector<HTMLElement>('h1')?.focus();
}

function wait(room: HTMLElement): void {
  let lost: number | null = performance.now();
  let going = false;
  const leave = (): void => {
    if (going) return;
    going = true;
    location.assign(room.dataset['wait'] || '/visit');
  };
  document.addEventListener('admit', (event) => {
    if (!call) return leave();
    if (going) return;
    going = true;
    navigator.vibrate?.(VIBRATION_MS);
    become(call, event instanceof CustomEvent ? String(event.detail?.data ?? '') : '');
  });
  document.addEventListener('moved', leave);
  onPage('htmx:sse:after:connection', () => { lost = null; });
  onPage('htmx:sse:after:message', () => { lost = null; });
  onPage('htmx:sse:error', () => { lost ??= performance.now(); });
  onPage('htmx:sse:close', () => { lost ??= performance.now(); });
  document.addEventListener('visibilitychange', () => void keepAwake());
  window.setInterval(() => {
    // A hidden page is not thrown away: the stream pauses there on purpose.
    const away = lost !== null && performance.now() - lost > STREAM_LOST_MS;
    if (away && !going && navigator.onLine && document.visibilityState === 'visible') location.reload();
  }, LOOK_EVERY_MS);
  if (call) standBy(call);
  void keepAwake();
}

if (root) wait(root);
