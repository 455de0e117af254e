// A button that cannot be used yet is `aria-disabled`, still reachable, and says why: its reason is the
// element named by `aria-describedby`. Pressing it does nothing but say the reason aloud.
import { byId, drop, say } from './dom';

const reasonOf = (button: Element): string =>
  (button.getAttribute('aria-describedby') ?? '').split(/\s+/).map((id) => byId(id)?.textContent ?? '').join(' ');

export function watchNotYet(): void {
  const refuse = (event: Event): void => {
    const button = event.target instanceof Element ? event.target.closest('[aria-disabled="true"]') : null;
    if (!button) return;
    drop(event);
    say(reasonOf(button));
  };
  document.addEventListener('click', refuse, true);
  // Enter in a field submits through the form's button without a click that anybody sees in time.
  document.addEventListener('submit', (event) => {
    const button = (event as SubmitEvent).submitter;
    if (button?.getAttribute('aria-disabled') !== 'true') return;
    drop(event);
    say(reasonOf(button));
  }, true);
}
