// Prints X-Twilio-Signature cases as the twilio package judges them: [--count 200] [--seed 1] [--out FILE]
const { writeFileSync } = require('node:fs');
const { parseArgs } = require('node:util');
const { validateRequest, validateRequestWithBody } = require('twilio');
const { mulberry32 } = require('./mulberry32');
const { alterations, grouped, signedRequest } = require('./signature-cases');

exports.generate = (count, seed) => {
  const random = mulberry32(seed);
  const kinds = Object.entries(alterations);
  const vectors = Array.from({ length: count }, (_, index) => {
    const [kind, alter] = kinds[index % kinds.length];
    const signed = signedRequest(random);
    const { authToken, url, params, body, signature } = { ...signed, ...alter(signed, random) };
    const expected = body === undefined
      ? validateRequest(authToken, signature, url, grouped(params))
      : validateRequestWithBody(authToken, signature, url, body);
    return { id: `${String(index + 1).padStart(3, '0')}-${kind}`, authToken, url, params, body, signature, expected };
  });
  return {
    comment: 'X-Twilio-Signature cases by twilio/scripts/signature-vectors.js. params = [name, value] pairs in wire order (decoded), '
      + 'body = what was posted where it is no form. '
      + 'expected = what validateRequest or validateRequestWithBody of the twilio npm package says.',
    seed,
    vectors,
  };
};

/** One vector a line. */
exports.json = ({ comment, seed, vectors }) => {
  const lines = vectors.map((vector) => ` ${JSON.stringify(vector)}`);
  return `{"comment":${JSON.stringify(comment)},"seed":${seed},"vectors":[\n${lines.join(',\n')}\n]}\n`;
};

if (require.main === module) {
  const { count, seed, out } = parseArgs({
    options: { count: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' }, out: { type: 'string' } },
  }).values;
  const text = exports.json(exports.generate(Number(count), Number(seed)));
  if (out) {
    writeFileSync(out, text);
  } else {
    process.stdout.write(text);
  }
}
