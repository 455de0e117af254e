// Keys for staff, shown beside what they do, and turned off as a whole by `data-keys="off"` on the body
// (WCAG 2.1.4): the person's own choice, kept in a cookie by the form around the switch. Ctrl+Enter does the page's main act, or goes to what it still lacks.
import { all, isTyping, say } from './dom';

const on = (): boolean => document.body.dataset['keys'] === 'on';

/** The topmost open sheet, else the page: keys never reach under a sheet. */
const ground = (): ParentNode => all<HTMLDialogElement>('dialog[open]').at(-1) ?? document;

const seen = (element: HTMLElement): boolean => element.getClientRects().length > 0;

function mainAct(): void {
  const button = all('[data-main]', ground()).find(seen);
  if (!button) return;
  if (button.getAttribute('aria-disabled') !== 'true') return button.click();
  const lacking = all('.on-gate .is-bad, .on-gate .is-warn, .on-gate .is-open, [data-lacking]').find(seen);
  if (!lacking) return button.click();
  const inside = lacking.querySelector<HTMLElement>('button, a[href], input, select, textarea');
  const goal = inside ?? lacking;
  if (!inside) lacking.tabIndex = -1;
  goal.focus();
}

function row(by: 1 | -1): void {
  const acts = all('[data-rows] [data-row-act]').filter(seen);
  if (acts.length === 0) return;
  const here = acts.findIndex((act) => act === document.activeElement || act.closest('tr')?.contains(document.activeElement));
  acts[Math.min(acts.length - 1, Math.max(0, here + by))]?.focus();
}

function withAlt(event: KeyboardEvent): HTMLElement | null | undefined {
  // By the place of the key: with Alt a Mac makes another sign of it.
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (digit) return all(`[data-alt="${digit}"]`, ground()).find(seen);
  if (event.code === 'KeyM') return all('[data-call-mute]').find(seen);
  return null;
}

function pressed(event: KeyboardEvent): void {
  if (!on() || event.isComposing || event.defaultPrevented) return;
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return mainAct();
  }
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    const goal = withAlt(event);
    if (!goal) return;
    event.preventDefault();
    if (goal.matches('button')) goal.click();
    else goal.focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || ground() !== document) return;
  if (event.key === '/') {
    const search = all('[data-search]').find(seen);
    if (!search) return;
    event.preventDefault();
    search.focus();
  } else if (event.key === 'j' || event.key === 'k') {
    row(event.key === 'j' ? 1 : -1);
  }
}

export function watchKeys(): void {
  document.addEventListener('keydown', pressed);
}

/** The switch works at once, so that no call is left for it; the server remembers. Without script it is a plain form. */
export function watchKeysSwitch(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !('keysForm' in form.dataset)) return;
    event.preventDefault();
    const wish = on() ? 'off' : 'on';
    document.body.dataset['keys'] = wish;
    for (const part of all('[data-keys-now]')) part.hidden = part.dataset['keysNow'] !== wish;
    all(`button[data-keys-now="${wish}"]`, form)[0]?.focus();
    say(all(`b[data-keys-now="${wish}"]`, form)[0]?.textContent);
    void fetch(form.action, { method: 'POST', body: new URLSearchParams({ keys: wish }), redirect: 'manual', keepalive: true }).catch(() => undefined);
  });
}
