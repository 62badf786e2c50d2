import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JitterBuffer } from '../../../../VoiceAssistant.Local/Phone/wwwroot/jitter-buffer.js';

const LOUDEST_STEP = (2 * Math.PI * 300 * 0.5) / 8000; // Between two samples of the tone below.

/** Frames that continue one another, as speech does. */
function* tone(amplitude = 0.5) {
  for (let n = 0; ; n += 160) {
    yield Float32Array.from({ length: 160 }, (_, i) => amplitude * Math.sin((2 * Math.PI * 300 * (n + i)) / 8000));
  }
}

function fill(buffer, frames, count) {
  for (let i = 0; i < count; i++) {
    buffer.push(frames.next().value);
  }
}

const play = (buffer, count) => Array.from({ length: count }, () => [...buffer.next()]).flat();
const isSilent = (samples) => samples.every((sample) => sample === 0);
const largestStep = (samples) => samples.slice(1).reduce((most, sample, i) => Math.max(most, Math.abs(sample - samples[i])), 0);

test('nothing plays before 60 ms have arrived', () => {
  const buffer = new JitterBuffer();
  const frames = tone();
  fill(buffer, frames, 2);
  assert.ok(isSilent(play(buffer, 5)));
  fill(buffer, frames, 1);
  assert.ok(!isSilent(play(buffer, 1)));
});

test('frames play unchanged and in order once they do', () => {
  const buffer = new JitterBuffer();
  const frames = tone();
  fill(buffer, frames, 3);
  play(buffer, 1);
  const again = tone();
  again.next();
  assert.deepEqual(play(buffer, 2), [...again.next().value, ...again.next().value]);
});

test('running dry fades out and in again, without a click', () => {
  const buffer = new JitterBuffer();
  const frames = tone();
  fill(buffer, frames, 3);
  const samples = play(buffer, 6);
  assert.ok(isSilent(samples.slice(4 * 160)));
  fill(buffer, frames, 5);
  samples.push(...play(buffer, 2));
  assert.ok(!isSilent(samples.slice(6 * 160)));
  assert.ok(largestStep(samples) < 2 * LOUDEST_STEP);
});

test('every time it runs dry it waits for more, up to 100 ms', () => {
  const buffer = new JitterBuffer();
  const frames = tone();
  for (const enough of [3, 4, 5, 5]) {
    fill(buffer, frames, enough - 1);
    assert.ok(isSilent(play(buffer, 1)));
    fill(buffer, frames, 1);
    assert.ok(!isSilent(play(buffer, 1)));
    play(buffer, enough);
  }
});

test('what has piled up shrinks in silence and not in speech', () => {
  for (const [amplitude, left] of [[0.001, 6], [0.5, 12]]) {
    const buffer = new JitterBuffer();
    const frames = tone(amplitude);
    fill(buffer, frames, 12);
    for (let i = 0; i < 50; i++) {
      buffer.next();
      fill(buffer, frames, 1);
    }
    assert.equal(buffer.length, left);
  }
});

test('more than 300 ms is never kept, and the jump does not click', () => {
  const buffer = new JitterBuffer();
  const frames = tone();
  fill(buffer, frames, 3);
  const samples = play(buffer, 2);
  fill(buffer, frames, 30);
  samples.push(...play(buffer, 3));
  assert.ok(buffer.length <= 3);
  assert.ok(largestStep(samples) < 2 * LOUDEST_STEP);
});
