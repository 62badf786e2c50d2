// A telephone hears 300 to 3400 Hz. Both directions pass through one Kaiser-windowed sinc: it removes what 8 kHz cannot
// carry before sampling down (aliases) and what was never there after sampling up (images).

const CUTOFF = 3600; // Hz, where half of the amplitude is left: flat to 3.2 kHz, below -60 dB from 4 kHz.
const HALF_WIDTH = 20 / 8000; // Seconds to either side of a sample: 40 taps at 8 kHz, 240 at 48 kHz.
const KAISER_BETA = 5.65; // 60 dB
const PHASES = 256; // Positions between two samples; between these, the taps are interpolated.

/** Converts a stream of samples from one rate to another, a sample in at a time; rates need no common divisor. */
export class Resampler {
  #step;
  #taps;
  #table;
  #history;
  #newest = 0;
  #position;

  constructor(inputRate, outputRate) {
    const half = Math.ceil(HALF_WIDTH * inputRate);
    this.#step = inputRate / outputRate;
    this.#taps = 2 * half;
    this.#table = kernel(inputRate, half);
    this.#history = new Float32Array(2 * this.#taps); // Twice over, so that a window of it is always contiguous.
    this.#position = 1;
  }

  /** @param {(sample: number) => void} emit called for every sample that has become due */
  push(sample, emit) {
    this.#history[this.#newest] = sample;
    this.#history[this.#newest + this.#taps] = sample;
    this.#newest = (this.#newest + 1) % this.#taps;

    for (this.#position -= 1; this.#position < 1; this.#position += this.#step) {
      emit(this.#interpolate(this.#position));
    }
  }

  #interpolate(fraction) {
    const phase = Math.floor(fraction * PHASES);
    const weight = fraction * PHASES - phase;
    const near = phase * this.#taps;
    const far = near + this.#taps;
    let sum = 0;
    for (let i = 0; i < this.#taps; i++) {
      const tap = this.#table[near + i] + weight * (this.#table[far + i] - this.#table[near + i]);
      sum += this.#history[this.#newest + i] * tap;
    }
    return sum;
  }
}

function kernel(inputRate, half) {
  const taps = 2 * half;
  const cutoff = 2 * Math.min(CUTOFF / inputRate, 0.5);
  const table = new Float32Array((PHASES + 1) * taps);
  for (let phase = 0; phase <= PHASES; phase++) {
    const row = table.subarray(phase * taps, (phase + 1) * taps);
    let sum = 0;
    for (let i = 0; i < taps; i++) {
      const x = i - (half - 1) - phase / PHASES;
      row[i] = sinc(cutoff * x) * kaiser(x / half);
      sum += row[i];
    }
    for (let i = 0; i < taps; i++) {
      row[i] /= sum; // The same loudness at every position.
    }
  }
  return table;
}

const sinc = (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
const kaiser = (x) => (Math.abs(x) > 1 ? 0 : bessel(KAISER_BETA * Math.sqrt(1 - x * x)) / bessel(KAISER_BETA));

function bessel(x) {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-9 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
