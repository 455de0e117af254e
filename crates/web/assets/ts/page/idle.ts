// The staff screen is covered after idle minutes (`<dialog id="on-cover" data-idle-minutes="5">`). Never
// during a live call: a physician who listens touches nothing. The server is told, so that the cover is
// more than a curtain.
import { byId } from './dom';

const SIGNS_OF_LIFE = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const;
const LOOK_EVERY_MS = 5_000;
const MINUTES = 5;

/** Any call that is neither a preview nor over, whatever its line does: a patient who is away is waited for. */
const inCall = (): boolean => document.querySelector('[data-call]:not([data-preview]):not([data-state="ended"])') !== null;

/** Whoever proves to be the person gets the page back as it was: no page is loaded, nothing typed is lost. */
function watchUncover(cover: HTMLDialogElement, lift: () => void): void {
  const form = cover.querySelector<HTMLFormElement>('form[data-uncover]');
  if (!form) return;
  const show = (mark: string): void => {
    for (const line of cover.querySelectorAll<HTMLElement>('[data-refused], [data-unheard]')) line.hidden = !line.matches(`[data-${mark}]`);
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const proof = form.querySelector<HTMLInputElement>('input');
    const body = new URLSearchParams({ proof: proof?.value ?? '' });
    if (proof) proof.value = '';
    show('nothing');
    void fetch('/unlock', { method: 'POST', body, headers: { accept: 'application/json' }, redirect: 'error' }).then((answer) => {
      if (answer.status === 204) lift();
      else if (answer.status === 401) location.reload();
      else show(answer.status === 422 ? 'refused' : 'unheard');
    }, () => show('unheard'));
  });
}

export function watchIdle(): void {
  const cover = byId('on-cover');
  if (!(cover instanceof HTMLDialogElement)) return;
  const minutes = Math.min(MINUTES, Number(cover.dataset['idleMinutes']) || MINUTES);
  let last = Date.now();
  const alive = (): void => { if (!cover.open) last = Date.now(); document.body.removeAttribute('data-rests'); };
  for (const sign of SIGNS_OF_LIFE) document.addEventListener(sign, alive, { passive: true, capture: true });
  // Escape must not lift the cover; a second Escape closes a dialog in spite of `cancel`.
  cover.setAttribute('closedby', 'none');
  cover.addEventListener('cancel', (event) => event.preventDefault());
  document.addEventListener('keydown', (event) => { if (cover.open && event.key === 'Escape') event.preventDefault(); }, true);
  let lifted = false;
  cover.addEventListener('close', () => { if (!lifted) cover.showModal(); });
  const draw = (): void => { lifted = false; if (!cover.open) cover.showModal(); };
  // The server found the screen covered: the page stays, with everything typed in it, under its cover.
  document.addEventListener('on-covered', draw);
  watchUncover(cover, () => { lifted = true; last = Date.now(); cover.close(); });
  window.setInterval(() => {
    // In a call nothing of the patient is covered: whoever passes by finds the buttons gone until somebody moves.
    const rests = inCall() && Date.now() - last >= minutes * 60_000;
    document.body.toggleAttribute('data-rests', rests);
    if (inCall()) return;
    if (cover.open || Date.now() - last < minutes * 60_000) return;
    draw();
    const url = cover.dataset['lockUrl'];
    if (url) void fetch(url, { method: 'POST', keepalive: true }).catch(() => undefined);
  }, LOOK_EVERY_MS);
}
