// How long a page was before the person's eyes, in whole seconds, in `<input type="hidden" data-seconds>`.
// It is a hint for the physician ("answered in under 3 seconds"), never a proof: the server keeps its own time.
import { all } from './dom';

const began = new WeakMap<Element, number>();

export function watchSeconds(within: ParentNode = document): void {
  for (const field of all<HTMLInputElement>('input[data-seconds]', within)) if (!began.has(field)) began.set(field, performance.now());
}

function fill(form: Element | null | undefined): void {
  if (!form) return;
  for (const field of all<HTMLInputElement>('input[data-seconds]', form)) {
    field.value = String(Math.floor((performance.now() - (began.get(field) ?? 0)) / 1000));
  }
}

export function fillSeconds(): void {
  // Before htmx or the browser reads the form, whichever way it is sent.
  document.addEventListener('click', (event) => fill((event.target as Element | null)?.closest?.('form')), true);
  document.addEventListener('submit', (event) => fill(event.target as Element | null), true);
}
