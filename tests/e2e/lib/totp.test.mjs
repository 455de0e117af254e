import assert from 'node:assert/strict';
import { test } from 'node:test';
import { code } from './totp.mjs';

// RFC 6238, appendix B; the secret is "12345678901234567890".
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const CASES = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1234567890, '89005924'],
  [20000000000, '65353130'],
];

test('codes are those of RFC 6238', () => {
  for (const [seconds, expected] of CASES) assert.equal(code(SECRET, seconds * 1000, 8), expected);
});
