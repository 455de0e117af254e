// The waiting room. hx-sse draws the block; here the page goes to the call when the server says `admit`,
// keeps the screen awake, and loads itself anew if the stream stays away.
import { onPage } from './page/dom';

const STREAM_LOST_MS = 30_000;
const LOOK_EVERY_MS = 5_000;
const VIBRATION_MS = [200, 100, 200];

const root = document.querySelector<HTMLElement>('[data-wait]');

async function keepAwake(): Promise<void> {
  if (document.visibilityState === 'visible') await navigator.wakeLock?.request('screen').catch(() => undefined);
}

function wait(room: HTMLElement): void {
  const goal = room.dataset['wait'] || '/visit/call';
  let lost: number | null = performance.now();
  let going = false;
  const go = (): void => {
    if (going) return;
    going = true;
    navigator.vibrate?.(VIBRATION_MS);
    location.assign(goal);
  };
  document.addEventListener('admit', go);
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
  void keepAwake();
}

if (root) wait(root);
