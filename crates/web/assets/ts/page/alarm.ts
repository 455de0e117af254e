// An alarm nobody has taken (`[data-alarm]`): sound and title badge at once and every 30 s, until a named
// person takes it and the server draws the page without it.
import { all, byId, onPage } from './dom';
import { Sound } from '../media/sound';

const AGAIN_MS = 30_000;
const LOOK_EVERY_MS = 1_000;

export function watchAlarms(): void {
  const sound = new Sound();
  const plain = document.title;
  let rang = 0;
  const look = (): void => {
    const open = all('[data-alarm]').length;
    document.title = open > 0 ? `(${open}) ${plain}` : plain;
    const mute = byId('on-sound-off');
    if (mute) mute.hidden = open === 0 || sound.ready();
    if (open === 0) { rang = 0; return; }
    if (Date.now() - rang < AGAIN_MS) return;
    if (sound.alarm()) rang = Date.now();
  };
  // A page may make no sound before it was touched once.
  for (const touch of ['pointerdown', 'keydown'] as const) document.addEventListener(touch, () => { void sound.unlock().then(look); }, { capture: true });
  onPage('htmx:after:swap', look);
  window.setInterval(look, LOOK_EVERY_MS);
  look();
}
