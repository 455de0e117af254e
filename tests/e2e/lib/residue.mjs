// What is left on a terminal: a search of folders for words that must not be there, raw and unpacked.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzips, levelDb, mozLz4 } from './unpack.mjs';

/** Larger files are a fault of the search, not a reason to look away. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;

/** The ways a word may be written. */
function spellings(word) {
  const escaped = [...word].map((letter) =>
    letter < '\u0080' ? letter : [...Array(letter.length).keys()].map((i) => `\\u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
  const ways = {
    'utf-8': Buffer.from(word),
    'utf-16': Buffer.from(word, 'utf16le'),
    percent: Buffer.from(encodeURIComponent(word)),
    escaped: Buffer.from(escaped.join('')),
  };
  return Object.entries(ways);
}

function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

/** The bytes of a file as they are, and as they are once unpacked. */
function* readings(bytes) {
  yield ['raw', bytes];
  for (const [name, unpack] of [
    ['mozLz4', mozLz4],
    ['LevelDB', levelDb],
  ]) {
    try {
      yield [name, unpack(bytes)];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  for (const text of gzips(bytes)) yield ['gzip', text];
}

/** Every place below the folders (or in the files) where one of the words stands: `{ file, word, how }`. */
export function residue(places, words) {
  const sought = words.flatMap((word) => spellings(word).map(([spelling, bytes]) => ({ word, spelling, bytes })));
  const hits = [];
  for (const file of places.flatMap((place) => (statSync(place).isDirectory() ? files(place) : [place]))) {
    if (statSync(file).size > FILE_BYTES_MAX) throw new Error(`${file} is too large to search`);
    for (const [reading, bytes] of readings(readFileSync(file))) {
      for (const { word, spelling, bytes: needle } of sought) {
        if (bytes.includes(needle)) hits.push({ file, word, how: `${reading}, ${spelling}` });
      }
    }
  }
  return hits;
}
