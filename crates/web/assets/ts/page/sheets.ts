// Sheets are `<dialog>`: `data-open="id"` opens one as modal, `data-close` inside closes it. A link with
// `data-open` still leads to its page where there is no script. Focus returns by itself. A sheet that the
// server sends (a third person asks in) carries `data-open-now`.
import { all, byId } from './dom';

export function openArrived(): void {
  for (const sheet of all<HTMLDialogElement>('dialog[data-open-now]')) {
    sheet.removeAttribute('data-open-now');
    if (!sheet.open) sheet.showModal();
  }
}

export function watchSheets(): void {
  document.addEventListener('click', (event) => {
    const from = event.target instanceof Element ? event.target : null;
    const opener = from?.closest<HTMLElement>('[data-open]');
    const sheet = byId(opener?.dataset['open']);
    if (opener && sheet instanceof HTMLDialogElement) {
      if (opener instanceof HTMLAnchorElement) event.preventDefault();
      if (!sheet.open) sheet.showModal();
      return;
    }
    from?.closest('[data-close]')?.closest('dialog')?.close();
  });
}
