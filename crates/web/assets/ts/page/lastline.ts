// "As shown" can be pressed once the last line has been in view (friction.md): `data-last-line` on the
// button names that line. Without script the button works; with it, it waits for the person's eyes.
import { all, byId } from './dom';

const SEEN = 'data-last-line-seen';

function hold(button: HTMLElement): void {
  button.setAttribute(SEEN, 'no');
  button.setAttribute('aria-disabled', 'true');
  const reason = button.dataset['why'];
  if (reason) button.setAttribute('aria-describedby', reason);
  if (reason) byId(reason)?.removeAttribute('hidden');
}

function release(button: HTMLElement): void {
  button.setAttribute(SEEN, 'yes');
  button.removeAttribute('aria-disabled');
  button.removeAttribute('aria-describedby');
  const reason = byId(button.dataset['why']);
  if (reason) reason.hidden = true;
}

export function watchLastLine(within: ParentNode = document): void {
  if (!('IntersectionObserver' in window)) return;
  for (const button of all(`[data-last-line]:not([${SEEN}])`, within)) {
    const line = byId(button.dataset['lastLine']);
    if (!line) continue;
    // A dot at the very end: a line taller than the screen counts when its end is reached.
    const end = document.createElement('span');
    end.className = 'on-end';
    end.setAttribute('aria-hidden', 'true');
    line.append(end);
    hold(button);
    const eyes = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      eyes.disconnect();
      end.remove();
      release(button);
    });
    eyes.observe(end);
  }
}
