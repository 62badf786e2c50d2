const FLOOR = -60; // dBFS; a quiet line's noise stays below it.

/** How loud a frame is: 0 is silence, 1 is as loud as the line carries. @param {Float32Array} samples */
export function level(samples) {
  let sum = 0;
  for (const sample of samples) {
    sum += sample * sample;
  }
  const decibels = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR));
}
