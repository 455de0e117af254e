// Whatever a test file starts is stopped when its process ends, in whatever way, by its own id.
import { rmSync } from 'node:fs';

const children = new Set();
const folders = new Set();

/** Remembers a child process until it ends. */
export function tend(child) {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Remembers a folder to remove. */
export function tidy(folder) {
  folders.add(folder);
  return folder;
}

/** Removes a folder now. A browser that has just closed may still write: it is tried a few times. */
export function discard(folder) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  folders.delete(folder);
}

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) {
    try {
      discard(folder);
    } catch {
      // The process is ending; the folder is in the temporary one.
    }
  }
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
