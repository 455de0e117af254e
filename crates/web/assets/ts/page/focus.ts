// After a swap the focus stays where it was, unless the focused element is gone: then it goes to the
// block's error summary, or to its heading.
import { onPage } from './dom';

let left: { block: string } | null = null;

const blockOf = (target: Element | string | undefined): Element | null =>
  typeof target === 'string' ? document.querySelector(target) : target ?? null;

/** Takes the focus to a block: errors first, else the heading, else the block itself. */
export function focusBlock(block: Element): void {
  const goal = block.querySelector<HTMLElement>('.on-errors, [data-heading], h1, h2, h3') ?? (block as HTMLElement);
  if (!goal.hasAttribute('tabindex')) goal.tabIndex = -1;
  goal.focus();
}

export function watchFocus(): void {
  onPage('htmx:before:swap', (event) => {
    const block = blockOf(event.detail.ctx?.target);
    const focused = document.activeElement;
    left = block?.id && focused && focused !== document.body && block.contains(focused) ? { block: block.id } : null;
  });
  onPage('htmx:after:swap', () => {
    const lost = left;
    left = null;
    if (!lost || (document.activeElement && document.activeElement !== document.body)) return;
    const block = document.getElementById(lost.block);
    if (block) focusBlock(block);
  });
}
