// The page's words for each state stand in it from the start, hidden. A board writes the state on its root
// as `data-<group>` and shows the blocks whose `data-when` names it: `data-when="state=weak picture=voice"`
// is shown in either case. A block with `data-say` is also read out, politely, when it appears.
import { all, say } from '../page/dom';

export class Board {
  constructor(readonly root: HTMLElement) {
    this.draw();
  }

  get(group: string): string {
    return this.root.dataset[group] ?? '';
  }

  set(group: string, value: string): void {
    if (this.get(group) === value) return;
    this.root.dataset[group] = value;
    this.draw();
    this.root.dispatchEvent(new CustomEvent('onshin:state', { bubbles: true, detail: { group, value } }));
  }

  private draw(): void {
    const heard: string[] = [];
    for (const block of all('[data-when]', this.root)) {
      const shown = (block.dataset['when'] ?? '').split(/\s+/).some((pair) => this.holds(pair));
      if (shown && block.hidden && 'say' in block.dataset) heard.push(block.textContent ?? '');
      block.hidden = !shown;
    }
    if (heard.length > 0) say(heard.join(' '));
  }

  private holds(pair: string): boolean {
    const [group, value] = pair.split('=');
    return !!group && value !== undefined && this.get(group) === value;
  }
}
