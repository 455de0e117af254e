// No line: the last page stays, the bar `#on-offline` says so. Patient: nothing leads away from the page
// but the telephone. Staff: reading stays, buttons that write are `aria-disabled` with the bar as reason.
// Nothing is queued on the terminal.
import { all, byId, drop, isStaff, say } from './dom';

const WRITES = 'form[method="post"] button:not([type="button"]), [hx-post], [hx-put], [hx-delete]';
const HELD = 'data-held-offline';

function holdWriting(offline: boolean): void {
  if (!offline) {
    for (const button of all(`[${HELD}]`)) {
      button.removeAttribute('aria-disabled');
      const reason = button.getAttribute(HELD);
      if (reason) button.setAttribute('aria-describedby', reason);
      else button.removeAttribute('aria-describedby');
      button.removeAttribute(HELD);
    }
    return;
  }
  for (const button of all(WRITES)) {
    if (button.getAttribute('aria-disabled') === 'true') continue;
    button.setAttribute(HELD, button.getAttribute('aria-describedby') ?? '');
    button.setAttribute('aria-disabled', 'true');
    button.setAttribute('aria-describedby', 'on-offline');
  }
}

/** A link that would replace this page by the browser's own "no connection" page. */
function leadsAway(event: Event): boolean {
  const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null;
  return !!link && link.origin === location.origin && !(link.getAttribute('href') ?? '').startsWith('#');
}

export function watchLine(): void {
  const bar = byId('on-offline');
  if (!bar) return;
  const show = (): void => {
    const offline = !navigator.onLine;
    bar.hidden = !offline;
    if (offline) say(bar.textContent);
    if (isStaff()) holdWriting(offline);
  };
  const stay = (event: Event): void => {
    if (navigator.onLine) return;
    drop(event);
    say(bar.textContent);
  };
  window.addEventListener('online', show);
  window.addEventListener('offline', show);
  document.addEventListener('submit', stay, true);
  document.addEventListener('click', (event) => { if (leadsAway(event)) stay(event); }, true);
  if (!navigator.onLine) show();
}
