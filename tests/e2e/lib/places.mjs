// Where things are.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = dirname(dirname(fileURLToPath(import.meta.url)));

/** Pictures and results; git does not keep it. */
export const out = join(here, 'out');

/** The program under test: what `cargo xtask e2e` has just built. */
export const binary = process.env.ONSHIN_BINARY ?? resolve(here, '../../target/debug/onshin');

/** A new empty folder; whoever asks for it removes it. */
export function temporary(what) {
  return mkdtempSync(join(tmpdir(), `onshin-${what}-`));
}
