// The few words for the document that the other modules share. No words for people live in any of them:
// what is said stands in the page, written by the server in the reader's language.

/** An event from htmx: what asked, and what it will change. */
export type HtmxEvent = CustomEvent<{
  ctx?: { sourceElement?: Element; sourceEvent?: Event; target?: Element | string };
}>;

export const all = <T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] =>
  Array.from(within.querySelectorAll<T>(selector));

export const byId = (id: string | undefined | null): HTMLElement | null => (id ? document.getElementById(id) : null);

export const isStaff = (): boolean => document.body.classList.contains('on-staff');

/** True while the person writes: single keys must then reach the field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !['button', 'submit', 'reset', 'checkbox', 'radio', 'range'].includes(target.type);
}

/** Puts words that already stand in the page into the polite region `#on-say`, where a screen reader hears them. */
export function say(words: string | null | undefined): void {
  const region = byId('on-say');
  const text = words?.trim();
  if (region && text) region.textContent = text;
}

export function onPage(type: string, heard: (event: HtmxEvent) => void): void {
  document.addEventListener(type, (event) => heard(event as HtmxEvent));
}

/** A press that must not happen: neither the browser nor htmx sees it. */
export function drop(event: Event): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}
