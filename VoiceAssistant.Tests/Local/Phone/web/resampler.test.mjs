import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Resampler } from '../../../../VoiceAssistant.Local/Phone/wwwroot/resampler.js';

const tone = (hertz, rate, seconds) =>
  Float32Array.from({ length: rate * seconds }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / rate));

function resample(samples, from, to) {
  const resampler = new Resampler(from, to);
  const output = [];
  for (const sample of samples) {
    resampler.push(sample, (out) => output.push(out));
  }
  return output;
}

const settled = (samples) => samples.slice(Math.floor(samples.length / 4), Math.floor((samples.length * 3) / 4));
const decibels = (samples) => 10 * Math.log10((2 * samples.reduce((sum, x) => sum + x * x, 0)) / samples.length + 1e-12);

function decibelsAt(hertz, samples, rate) {
  let re = 0;
  let im = 0;
  samples.forEach((x, i) => {
    const window = 1 - Math.cos((2 * Math.PI * i) / samples.length);
    re += window * x * Math.cos((2 * Math.PI * hertz * i) / rate);
    im += window * x * Math.sin((2 * Math.PI * hertz * i) / rate);
  });
  return 20 * Math.log10((2 * Math.hypot(re, im)) / samples.length + 1e-12);
}

for (const rate of [16000, 44100, 48000, 96000]) {
  test(`${rate} Hz becomes 8000 Hz, sample for sample`, () => {
    assert.ok(Math.abs(resample(new Float32Array(rate), rate, 8000).length - 8000) <= 1);
  });

  for (const hertz of [300, 1000, 3000]) {
    test(`${hertz} Hz passes from ${rate} Hz at the same pitch and loudness`, () => {
      const output = settled(resample(tone(hertz, rate, 1), rate, 8000));
      assert.ok(Math.abs(decibelsAt(hertz, output, 8000)) < 0.2);
    });
  }

  for (const hertz of [4500, 5000, 6500, 7600]) {
    test(`${hertz} Hz does not fold into the call from ${rate} Hz`, () => {
      assert.ok(decibels(settled(resample(tone(hertz, rate, 1), rate, 8000))) < -50);
    });
  }

  test(`a voice at 8000 Hz is played at ${rate} Hz without images`, () => {
    const output = settled(resample(tone(1000, 8000, 1), 8000, rate));
    assert.ok(Math.abs(decibelsAt(1000, output, rate)) < 0.2);
    assert.ok(decibelsAt(7000, output, rate) < -50);
  });
}
