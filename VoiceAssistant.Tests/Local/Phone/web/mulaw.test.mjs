import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SILENCE, decode, encode } from '../../../../VoiceAssistant.Local/Phone/wwwroot/mulaw.js';

test('silence is 0xFF, both ways', () => {
  assert.equal(encode(0), SILENCE);
  assert.equal(decode(Uint8Array.of(SILENCE))[0], 0);
});

test('every byte survives decoding and encoding; 0x7F is negative zero', () => {
  for (let byte = 0; byte < 256; byte++) {
    assert.equal(encode(decode(Uint8Array.of(byte))[0]), byte === 0x7f ? SILENCE : byte);
  }
});

// The ends of the range, past them, and a middle segment's first step, from the tables of ITU-T G.711.
for (const [sample, byte] of [[1, 0x80], [-1, 0x00], [2, 0x80], [-2, 0x00], [0.125, 0xaf], [-0.125, 0x2f]]) {
  test(`${sample} is 0x${byte.toString(16)}`, () => assert.equal(encode(sample), byte));
}
