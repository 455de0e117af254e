import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { gzips, levelDb, lz4, mozLz4, snappy } from './unpack.mjs';

test('LZ4: literals, a copy that reaches into itself, and long counts', () => {
  assert.equal(lz4(Buffer.from([0x30, ...Buffer.from('abc')]), 3).toString(), 'abc');
  assert.equal(lz4(Buffer.from([0x25, ...Buffer.from('ab'), 2, 0, 0x10, 0x63]), 12).toString(), 'abababababac');
  const long = Buffer.from([0xf0, 255, 30, ...Buffer.alloc(300, 'x')]);
  assert.equal(lz4(long, 300).toString(), 'x'.repeat(300));
  const file = Buffer.from([...Buffer.from('mozLz40\0'), 3, 0, 0, 0, 0x30, ...Buffer.from('abc')]);
  assert.equal(mozLz4(file).toString(), 'abc');
  assert.throws(() => mozLz4(Buffer.from('something else')), RangeError);
  assert.throws(() => lz4(Buffer.from([0x10, 0x61, 9, 0]), 20), RangeError);
});

test('snappy: literals and each kind of copy', () => {
  assert.equal(snappy(Buffer.from([3, 8, ...Buffer.from('abc')])).toString(), 'abc');
  assert.equal(snappy(Buffer.from([7, 8, ...Buffer.from('abc'), 1, 3])).toString(), 'abcabca');
  assert.equal(snappy(Buffer.from([5, 8, ...Buffer.from('abc'), 6, 3, 0])).toString(), 'abcab');
  assert.equal(snappy(Buffer.from([3, 0xf0, 2, ...Buffer.from('abc')])).toString(), 'abc');
  assert.throws(() => snappy(Buffer.from([9, 6, 3, 0])), RangeError);
});

test('gzip is found in the middle of other bytes, broken off or not', () => {
  const packed = gzipSync(`the marker ${Array.from({ length: 200 }, (_, i) => i * i).join(' ')}`);
  assert.match([...gzips(Buffer.concat([Buffer.from('before'), packed, Buffer.from('after')]))].join(), /the marker/);
  assert.match([...gzips(packed.subarray(0, packed.length / 2))].join(), /the marker/);
  assert.deepEqual([...gzips(Buffer.from([0x1f, 0x8b, 0x08, 0xff]))].map((b) => b.length).filter(Boolean), []);
});

test('LevelDB: every block of a table, packed or not', () => {
  const entry = (key, value) => Buffer.from([0, key.length, value.length, ...Buffer.from(key), ...value]);
  const ended = (entries) => Buffer.concat([...entries, Buffer.alloc(4), Buffer.from([1, 0, 0, 0])]);
  const stored = (kind, bytes) => Buffer.concat([bytes, Buffer.from([kind, 0, 0, 0, 0])]);
  const plain = ended([entry('a', Buffer.from('first'))]);
  const packed = Buffer.from([7, 8, ...Buffer.from('abc'), 1, 3]);
  const second = plain.length + 5;
  const index = ended([
    entry('a', Buffer.from([0, plain.length])),
    entry('b', Buffer.from([second, packed.length])),
  ]);
  const third = second + packed.length + 5;
  const footer = Buffer.alloc(48);
  Buffer.from([0, 0, third, index.length]).copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  const table = Buffer.concat([stored(0, plain), stored(1, packed), stored(0, index), footer]);
  assert.match(levelDb(table).toString('latin1'), /first.*abcabca/s);
  assert.throws(() => levelDb(Buffer.alloc(60)), RangeError);
});
