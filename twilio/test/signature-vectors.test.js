const assert = require('node:assert/strict');
const { createHash, createHmac } = require('node:crypto');
const { readFileSync } = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { generate, json } = require('../scripts/signature-vectors');

const FILE = path.join(__dirname, '../../VoiceAssistant.Tests/Calls/Signatures/twilio-node-vectors.json');

test('the checked-in vectors are what the generator makes', () => {
  assert.equal(readFileSync(FILE, 'utf8'), json(generate(200, 1)));
});

test('the algorithm as Twilio documents it agrees with the twilio package on every case', () => {
  const { vectors } = generate(5000, 2);

  assert.deepEqual(vectors.filter((vector) => isValid(vector) !== vector.expected), []);
  assert.ok(vectors.filter(({ expected }) => expected).length > 1000);
});

/** HMAC-SHA1 over the URL, then each name in ordinal order with each of its distinct values. Of a body, the URL has the hash. */
function isValid({ authToken, url, params, body, signature }) {
  if (body !== undefined && !url.includes(`bodySHA256=${createHash('sha256').update(body).digest('hex')}`)) {
    return false;
  }
  const distinct = new Map(params.map(([name, value]) => [`${name}\0${value}`, name + value]));
  const form = [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text).join('');

  const [, scheme, authority, rest] = /^(https?):\/\/([^/]+)(.*)$/.exec(url);
  const withoutPort = authority.replace(/:\d+$/, '');
  return [authority, withoutPort, withoutPort + (scheme === 'https' ? ':443' : ':80')].some((candidate) =>
    createHmac('sha1', authToken).update(`${scheme}://${candidate}${rest}${form}`).digest('base64') === signature);
}
