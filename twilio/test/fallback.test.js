const assert = require('node:assert/strict');
const { test } = require('node:test');
const { context } = require('../fakes/call');
const { invoke, load } = require('../fakes/runtime');

test('rule 11: the number\'s fallback says the same sentence and hangs up, whatever it is asked', async () => {
  const { statusCode, headers, body } = await invoke(load('fallback').handler, context({ AUTH_TOKEN: undefined }), {});

  assert.equal(statusCode, 200);
  assert.match(headers['Content-Type'], /^text\/xml/);
  assert.equal(body, load('twiml').APOLOGY);
});
