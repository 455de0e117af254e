// The staff screen is covered after idle minutes (`<dialog id="on-cover" data-idle-minutes="5">`). Never
// during a live call: a physician who listens touches nothing. The server is told, so that the cover is
// more than a curtain.
import { byId } from './dom';

const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;
const LOOK_EVERY_MS = 5_000;
const MINUTES = 5;

const inCall = (): boolean => document.querySelector('[data-call]:not([data-preview])[data-state="good"], [data-call][data-state="weak"], [data-call][data-state="reconnecting"]') !== null;

export function watchIdle(): void {
  const cover = byId('on-cover');
  if (!(cover instanceof HTMLDialogElement)) return;
  const minutes = Math.min(MINUTES, Number(cover.dataset['idleMinutes']) || MINUTES);
  let last = Date.now();
  const alive = (): void => { if (!cover.open) last = Date.now(); };
  for (const sign of SIGNS_OF_LIFE) document.addEventListener(sign, alive, { passive: true, capture: true });
  // Escape must not lift the cover; a second Escape closes a dialog in spite of `cancel`.
  cover.setAttribute('closedby', 'none');
  cover.addEventListener('cancel', (event) => event.preventDefault());
  document.addEventListener('keydown', (event) => { if (cover.open && event.key === 'Escape') event.preventDefault(); }, true);
  cover.addEventListener('close', () => cover.showModal());
  window.setInterval(() => {
    if (inCall()) last = Date.now();
    if (cover.open || Date.now() - last < minutes * 60_000) return;
    cover.showModal();
    const url = cover.dataset['lockUrl'];
    if (url) void fetch(url, { method: 'POST', keepalive: true }).catch(() => undefined);
  }, LOOK_EVERY_MS);
}
