// Small acts: print this page, copy a link and say that it was copied, tell how old a live list is, count on.
import { all, byId, onPage, say } from './dom';

/** In the browser of a messenger there is often no camera: `data-without-camera` says so before anything is asked for. */
export function tellWithoutCamera(): void {
  if (typeof navigator.mediaDevices?.getUserMedia === 'function' && 'RTCPeerConnection' in window) return;
  for (const words of all('[data-without-camera]')) words.hidden = false;
}

export function watchPrint(): void {
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-print]')) window.print();
  });
}

/** `data-copy="text"` copies, an empty one the address of the page; the words in the element named by `data-copied` (or `data-not-copied`) appear. */
export function watchCopy(): void {
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-copy]') : null;
    if (!button) return;
    const tell = (id: string | undefined): void => {
      const words = byId(id);
      if (!words) return;
      words.hidden = false;
      say(words.textContent);
    };
    const text = button.dataset['copy'] || location.origin + location.pathname;
    const copied = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    void copied.then(() => tell(button.dataset['copied']), () => tell(button.dataset['notCopied']));
  });
}

const OLD_AFTER_S = 5;

/** The server draws a live list anew every 30 s, news or none: a longer silence is a lost line that nobody reported. */
const SILENT_MS_MAX = 75_000;

/** A live list that lost its stream says its age: rows never look fresh when they are not. */
export function watchAge(): void {
  const strip = byId('on-stale');
  if (!strip) return;
  const age = strip.querySelector('[data-age]');
  let since: number | null = null;
  let heard = Date.now();
  const fresh = (): void => { since = null; heard = Date.now(); strip.hidden = true; };
  const lost = (): void => { since ??= Date.now(); };
  onPage('htmx:sse:after:connection', fresh);
  onPage('htmx:sse:after:message', fresh);
  onPage('htmx:sse:error', lost);
  onPage('htmx:sse:before:connection', () => { if (since === null) since = Date.now(); });
  onPage('htmx:sse:close', lost);
  window.setInterval(() => {
    if (since === null && Date.now() - heard > SILENT_MS_MAX) since = heard;
    if (since === null) return;
    const seconds = Math.floor((Date.now() - since) / 1000);
    if (seconds < OLD_AFTER_S) return;
    if (age) age.textContent = String(seconds);
    strip.hidden = false;
  }, 1_000);
}

const drawnAt = new WeakMap<Element, number>();

/** `data-passed="34"`: the seconds that had passed when it was drawn. They go on, as mm:ss, without a word to a screen reader. */
export function watchPassed(): void {
  window.setInterval(() => {
    for (const clock of all('[data-passed]')) {
      if (!drawnAt.has(clock)) drawnAt.set(clock, Date.now());
      const seconds = Math.floor(Number(clock.dataset['passed']) + (Date.now() - (drawnAt.get(clock) ?? 0)) / 1000);
      clock.textContent = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
    }
  }, 1_000);
}
