const assert = require('node:assert/strict');
const { test } = require('node:test');
const { validateRequest } = require('twilio');
const { AUTH_TOKEN, CALL_SID, context, signedEvent, voiceParameters } = require('../fakes/call');
const { invoke, load } = require('../fakes/runtime');
const { sendTwiml, startWebhook, TWIML } = require('../fakes/webhook');

const { answer, handler } = load('incoming-call');
const { LIMITS } = load('forward');
const { APOLOGY } = load('twiml');

const PATIENT = { ...LIMITS, totalMs: 60_000, tryMs: 60_000, pauseMs: 0 };
const IMPATIENT = { ...PATIENT, tryMs: 200 };

/** Calls through the Function to a webhook that answers so; resolves to what the caller gets and what is logged. */
async function call(t, respond, limits = PATIENT) {
  const webhook = await startWebhook(t, respond);
  const error = t.mock.method(console, 'error', () => {});
  const twiml = await answer(context({ WEBHOOK_URL: webhook.url }), signedEvent(), limits);
  return { twiml, tries: webhook.requests.length, logged: error.mock.calls.map(({ arguments: [line] }) => line) };
}

const respondWith = (status, headers = {}) => (response) => response.writeHead(status, headers).end();

test('the Webhook receives a form that Twilio\'s own validator accepts for WEBHOOK_URL', async (t) => {
  const webhook = await startWebhook(t);

  const response = await invoke(handler, context({ WEBHOOK_URL: webhook.url }), signedEvent());

  const [{ method, url, headers, body }] = webhook.requests;
  const params = Object.fromEntries(new URLSearchParams(body));
  assert.equal(`${method} ${url}`, 'POST /incoming-call');
  assert.match(headers['content-type'], /^application\/x-www-form-urlencoded/);
  assert.ok(validateRequest(AUTH_TOKEN, headers['x-twilio-signature'], webhook.url, params));
  assert.deepEqual([response.statusCode, response.body], [200, TWIML]);
  assert.match(response.headers['Content-Type'], /^text\/xml/);
});

test('T-F5 VaForwardedAt is the time in seconds, and signed', async (t) => {
  t.mock.method(Date, 'now', () => 1_800_000_000_999);
  const webhook = await startWebhook(t);

  await answer(context({ WEBHOOK_URL: webhook.url }), signedEvent(voiceParameters({ VaForwardedAt: '1' })), PATIENT);

  const [{ headers, body }] = webhook.requests;
  const params = Object.fromEntries(new URLSearchParams(body));
  assert.equal(params.VaForwardedAt, '1800000000');
  assert.ok(validateRequest(AUTH_TOKEN, headers['x-twilio-signature'], webhook.url, params));
  assert.ok(!validateRequest(AUTH_TOKEN, headers['x-twilio-signature'], webhook.url, { ...params, VaForwardedAt: '1800000001' }));
});

test('T-F6 what is sent is what was signed, in any alphabet and with any blanks', async (t) => {
  const webhook = await startWebhook(t);
  const params = voiceParameters({
    CallerName: '  Zoë +%&=\t 北京 🙂\r\n ', Empty: '', 'Odd key +&=': 'ü', from: 'a key that differs in case only',
  });

  await answer(context({ WEBHOOK_URL: webhook.url }), signedEvent(params), PATIENT);

  const [{ headers, body }] = webhook.requests;
  const { VaForwardedAt, ...received } = Object.fromEntries(new URLSearchParams(body));
  assert.deepEqual(received, params);
  assert.ok(validateRequest(AUTH_TOKEN, headers['x-twilio-signature'], webhook.url, { ...received, VaForwardedAt }));
});

for (const status of [301, 302, 303, 307, 308]) {
  test(`T-F6 a ${status} is not followed`, async (t) => {
    const elsewhere = await startWebhook(t);

    const { twiml, tries, logged } = await call(t, respondWith(status, { Location: elsewhere.url }));

    assert.equal(twiml, APOLOGY);
    assert.equal(tries, 1);
    assert.equal(elsewhere.requests.length, 0);
    assert.deepEqual(logged, [`${CALL_SID}: no answer from the webhook: unexpected redirect.`]);
  });
}

test('T-F7 two tries and the pause fit into 6 s, one try into 4 s', () => {
  assert.deepEqual([LIMITS.totalMs, LIMITS.tryMs], [6000, 4000]);
  assert.ok(LIMITS.tryMs + LIMITS.pauseMs < LIMITS.totalMs);
});

test('T-F7 a webhook that is down: apology', async (t) => {
  const webhook = await startWebhook(t);
  webhook.stop();
  const error = t.mock.method(console, 'error', () => {});

  const twiml = await answer(context({ WEBHOOK_URL: webhook.url }), signedEvent(), PATIENT);

  assert.equal(twiml, APOLOGY);
  assert.deepEqual(error.mock.calls[0].arguments, [`${CALL_SID}: no answer from the webhook: ECONNREFUSED.`]);
});

test('T-F7 a webhook that closes the connection once is asked again', async (t) => {
  const { twiml, tries } = await call(t, (response, count) => (count === 1 ? response.destroy() : sendTwiml(response)));

  assert.equal(twiml, TWIML);
  assert.equal(tries, 2);
});

for (const status of [500, 502, 503]) {
  test(`T-F7 a ${status} is tried once more`, async (t) => {
    const { twiml, tries } = await call(t, (response, count) =>
      (count === 1 ? response.writeHead(status).end('<html>') : sendTwiml(response)));

    assert.equal(twiml, TWIML);
    assert.equal(tries, 2);
  });
}

test('T-F7 a webhook that keeps answering 502: apology after the second', async (t) => {
  const { twiml, tries, logged } = await call(t, respondWith(502));

  assert.equal(twiml, APOLOGY);
  assert.equal(tries, 2);
  assert.deepEqual(logged, [`${CALL_SID}: the webhook answered 502.`]);
});

for (const status of [400, 403, 404, 413, 429]) {
  test(`T-F7 a ${status} is not tried again`, async (t) => {
    const { twiml, tries, logged } = await call(t, respondWith(status));

    assert.equal(twiml, APOLOGY);
    assert.equal(tries, 1);
    assert.deepEqual(logged, [`${CALL_SID}: the webhook answered ${status}.`]);
  });
}

test('T-F7 a webhook that hangs is not asked again', async (t) => {
  const { twiml, tries, logged } = await call(t, () => {}, IMPATIENT);

  assert.equal(twiml, APOLOGY);
  assert.ok(tries < 2);
  assert.deepEqual(logged, [`${CALL_SID}: no answer from the webhook: no complete answer in time.`]);
});

test('T-F7 a webhook whose body never ends is not asked again', async (t) => {
  const { twiml, tries, logged } = await call(t, (response) => {
    response.writeHead(200, { 'Content-Type': 'text/xml' }).write('<Response>');
  }, IMPATIENT);

  assert.equal(twiml, APOLOGY);
  assert.ok(tries < 2);
  assert.deepEqual(logged, [`${CALL_SID}: no answer from the webhook: no complete answer in time.`]);
});

test('T-F7 the second try gets no more than what is left of the budget', { timeout: 30_000 }, async (t) => {
  const { twiml, logged } = await call(
    t, (response, count) => count === 1 && response.writeHead(503).end(), { ...PATIENT, totalMs: 200 });

  assert.equal(twiml, APOLOGY);
  assert.deepEqual(logged, [`${CALL_SID}: no answer from the webhook: no complete answer in time.`]);
});

const notTwiml = {
  'HTML': (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(TWIML),
  'no content type': (response) => response.writeHead(200).end(TWIML),
  'XML of another kind': (response) => response.writeHead(200, { 'Content-Type': 'text/xml-external-parsed-entity' }).end(TWIML),
  'a 201': (response) => response.writeHead(201, { 'Content-Type': 'text/xml' }).end(TWIML),
  'a 204': respondWith(204, { 'Content-Type': 'text/xml' }),
  'an empty body': (response) => sendTwiml(response, ''),
  '16 KB': (response) => sendTwiml(response, TWIML.padEnd(16 * 1024)),
  'far more than 16 KB': (response) => sendTwiml(response, TWIML.padEnd(8 * 1024 * 1024)),
};

for (const [what, respond] of Object.entries(notTwiml)) {
  test(`T-F8 ${what} is not taken for TwiML: apology`, async (t) => {
    const { twiml, tries, logged } = await call(t, respond);

    assert.equal(twiml, APOLOGY);
    assert.equal(tries, 1);
    assert.equal(logged.length, 1);
  });
}

for (const type of ['text/xml', 'application/xml', 'TEXT/XML; charset=utf-8', 'application/xml ; charset=utf-8']) {
  test(`T-F8 ${type} is taken for TwiML`, async (t) => {
    const { twiml } = await call(t, (response) => response.writeHead(200, { 'Content-Type': type }).end(TWIML));

    assert.equal(twiml, TWIML);
  });
}

test('T-F8 TwiML of just under 16 KB arrives whole, with every character', async (t) => {
  const large = TWIML + 'é'.repeat((16 * 1024 - 1 - Buffer.byteLength(TWIML)) / 2);

  const { twiml } = await call(t, (response) => sendTwiml(response, large));

  assert.equal(twiml, large);
});

test('T-F8 the apology is spoken, then the call ends', () => {
  assert.match(APOLOGY, /<Response><Say>[^<]+<\/Say><Hangup\/><\/Response>$/);
});
