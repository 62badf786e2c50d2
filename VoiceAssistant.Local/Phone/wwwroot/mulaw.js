// ITU-T G.711 µ-law: 8 bits a sample, on the wire complemented, so silence is 0xFF.

export const SILENCE = 0xff;

const BIAS = 0x84;
const CLIP = 32635;

/** @param {number} sample -1 to 1; louder is clipped */
export function encode(sample) {
  const linear = Math.round(sample * 32768);
  const sign = linear < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(linear), CLIP) + BIAS;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

function decodeByte(byte) {
  const bits = ~byte & 0xff;
  const magnitude = ((((bits & 0x0f) << 3) + BIAS) << ((bits >> 4) & 0x07)) - BIAS;
  return (bits & 0x80 ? -magnitude : magnitude) / 32768;
}

const DECODED = Float32Array.from({ length: 256 }, (_, byte) => decodeByte(byte));

/** @param {Uint8Array} bytes @returns {Float32Array} */
export const decode = (bytes) => Float32Array.from(bytes, (byte) => DECODED[byte]);
