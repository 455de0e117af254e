// Opens what browsers pack on disk, as far as a search needs: LZ4 (Firefox), snappy and LevelDB (Chromium), gzip (both).
// Each decoder gives bytes, or throws RangeError on bytes that are not of its kind.
import { constants, inflateRawSync } from 'node:zlib';

/** What one packed piece may grow to; a page of ours is far below. */
const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

const MOZ_LZ4 = Buffer.from('mozLz40\0');
const LEVELDB_MAGIC = 0xdb4775248b80fb57n;
const LEVELDB_FOOTER_BYTES = 48;
const LEVELDB_BLOCK_TRAILER_BYTES = 5;
const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/** Bytes that grow, with copies out of what is already there. */
class Grown {
  #bytes;
  #length = 0;

  constructor(size) {
    if (size > UNPACKED_BYTES_MAX) throw new RangeError('too large');
    this.#bytes = Buffer.alloc(size);
  }

  add(source, from, count) {
    if (from + count > source.length || this.#length + count > this.#bytes.length) throw new RangeError('past the end');
    source.copy(this.#bytes, this.#length, from, from + count);
    this.#length += count;
  }

  repeat(distance, count) {
    if (distance === 0 || distance > this.#length || this.#length + count > this.#bytes.length) throw new RangeError('no such copy');
    // Byte by byte: a copy may reach into itself.
    for (let i = 0; i < count; i += 1) {
      this.#bytes[this.#length] = this.#bytes[this.#length - distance];
      this.#length += 1;
    }
  }

  get bytes() {
    return this.#bytes.subarray(0, this.#length);
  }
}

/** One LZ4 block of known unpacked size. */
export function lz4(source, size) {
  const made = new Grown(size);
  let at = 0;
  const longer = (count) => {
    if (count < 15) return count;
    let total = count;
    let byte;
    do {
      byte = source.readUInt8(at);
      at += 1;
      total += byte;
    } while (byte === 255);
    return total;
  };
  while (at < source.length) {
    const token = source.readUInt8(at);
    at += 1;
    const literal = longer(token >> 4);
    made.add(source, at, literal);
    at += literal;
    if (at >= source.length) break;
    const distance = source.readUInt16LE(at);
    at += 2;
    made.repeat(distance, longer(token & 15) + 4);
  }
  return made.bytes;
}

/** Firefox's session files. */
export function mozLz4(source) {
  if (!source.subarray(0, MOZ_LZ4.length).equals(MOZ_LZ4)) throw new RangeError('no mozLz4');
  return lz4(source.subarray(12), source.readUInt32LE(8));
}

function varint(source, at) {
  let value = 0;
  for (let i = 0; i < 8; i += 1) {
    const byte = source.readUInt8(at + i);
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return [value, at + i + 1];
  }
  throw new RangeError('no number');
}

/** One snappy block. */
export function snappy(source) {
  let [size, at] = varint(source, 0);
  const made = new Grown(size);
  while (at < source.length) {
    const tag = source.readUInt8(at);
    at += 1;
    if ((tag & 3) === 0) {
      const extra = Math.max(0, (tag >> 2) - 59);
      const count = (extra === 0 ? tag >> 2 : source.readUIntLE(at, extra)) + 1;
      made.add(source, at + extra, count);
      at += extra + count;
    } else if ((tag & 3) === 1) {
      made.repeat(((tag >> 5) << 8) | source.readUInt8(at), ((tag >> 2) & 7) + 4);
      at += 1;
    } else {
      const width = (tag & 3) === 2 ? 2 : 4;
      made.repeat(source.readUIntLE(at, width), (tag >> 2) + 1);
      at += width;
    }
  }
  return made.bytes;
}

function block(source, [offset, size]) {
  if (offset + size + LEVELDB_BLOCK_TRAILER_BYTES > source.length) throw new RangeError('no block');
  const kind = source.readUInt8(offset + size);
  const bytes = source.subarray(offset, offset + size);
  if (kind === 0) return bytes;
  if (kind === 1) return snappy(bytes);
  throw new RangeError(`a block packed in way ${kind}`);
}

function handle(source, at) {
  const [offset, next] = varint(source, at);
  const [size, end] = varint(source, next);
  return [[offset, size], end];
}

/** Every data block of a LevelDB table, one after the other. */
export function levelDb(source) {
  const footer = source.length - LEVELDB_FOOTER_BYTES;
  if (footer < 0 || source.readBigUInt64LE(source.length - 8) !== LEVELDB_MAGIC) throw new RangeError('no LevelDB table');
  const [, afterMeta] = handle(source, footer);
  const [place] = handle(source, afterMeta);
  const index = block(source, place);
  const end = index.length - 4 - 4 * index.readUInt32LE(index.length - 4);
  const blocks = [];
  for (let at = 0; at < end; ) {
    let own;
    let value;
    [, at] = varint(index, at);
    [own, at] = varint(index, at);
    [value, at] = varint(index, at);
    blocks.push(block(source, handle(index, at + own)[0]));
    at += own + value;
  }
  return Buffer.concat(blocks);
}

/** Where the packed part of a gzip stream begins (RFC 1952, section 2.3). */
function afterGzipHeader(source, start) {
  const flags = source.readUInt8(start + 3);
  let at = start + 10;
  if (flags & 4) at += 2 + source.readUInt16LE(at);
  for (const name of [8, 16]) {
    if (flags & name) at = source.indexOf(0, at) + 1;
  }
  return flags & 2 ? at + 2 : at;
}

/** Every gzip stream that begins anywhere in the bytes, whole or broken off, whatever comes after it. */
export function* gzips(source) {
  const limits = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: UNPACKED_BYTES_MAX };
  for (let at = source.indexOf(GZIP); at >= 0; at = source.indexOf(GZIP, at + 1)) {
    try {
      yield inflateRawSync(source.subarray(afterGzipHeader(source, at)), limits);
    } catch {
      // Three bytes that only look like it.
    }
  }
}
