const assert = require('node:assert/strict');
const { test } = require('node:test');
const { AUTH_TOKEN, context, signedEvent, voiceParameters } = require('../fakes/call');
const { files, invoke, load } = require('../fakes/runtime');
const { startWebhook, TWIML } = require('../fakes/webhook');

const { handler } = load('incoming-call');

/** Runs the Function; resolves to its answer and what the Webhook received of it. */
async function call(t, event, changes) {
  const webhook = await startWebhook(t);
  const answer = await invoke(handler, context({ WEBHOOK_URL: webhook.url, ...changes }), event);
  const received = webhook.requests.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
  return { ...answer, received };
}

async function assertRefused(t, event, message) {
  const webhook = await startWebhook(t);
  await assert.rejects(invoke(handler, context({ WEBHOOK_URL: webhook.url }), event), message);
  assert.equal(webhook.requests.length, 0);
}

test('T-F1 every Function is protected or private', () => {
  assert.deepEqual(files.filter((file) => file.endsWith('.protected.js')), ['fallback.protected.js', 'incoming-call.protected.js']);
  assert.deepEqual(files.filter((file) => !/\.(protected|private)\.js$/.test(file)), []);
});

const signature = signedEvent().request.headers['x-twilio-signature'];
const withHeaders = (headers) => ({ ...signedEvent(), request: { headers, cookies: {} } });

const unsigned = {
  'no request': { ...signedEvent(), request: undefined },
  'no signature': withHeaders({}),
  'two signatures': withHeaders({ 'x-twilio-signature': [signature, signature] }),
};

for (const [name, event] of Object.entries(unsigned)) {
  test(`T-F1 an event with ${name} is an error and nothing is sent`, (t) =>
    assertRefused(t, event, /Refused: not exactly one X-Twilio-Signature/));
}

const { CallerCity, ...incomplete } = signedEvent();
const forged = {
  'with an empty signature': withHeaders({ 'x-twilio-signature': '' }),
  'with another signature': withHeaders({ 'x-twilio-signature': `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}` }),
  'with a changed parameter': { ...signedEvent(), To: '+18005550112' },
  'with an added parameter': { ...signedEvent(), Extra: '1' },
  'with a parameter missing': incomplete,
  'signed for the Webhook': signedEvent(voiceParameters(), { url: 'https://voice.example.com/incoming-call' }),
  'signed for another Function': signedEvent(voiceParameters(), { url: 'https://voice-assistant-1234.twil.io/fallback' }),
  'signed for http': signedEvent(voiceParameters(), { url: 'http://voice-assistant-1234.twil.io/incoming-call' }),
};

for (const [name, event] of Object.entries(forged)) {
  test(`T-F1 an event ${name} is an error and nothing is sent`, (t) =>
    assertRefused(t, event, /Refused: the X-Twilio-Signature does not fit/));
}

test('T-F1 twilio-run calls itself localhost and speaks http', async (t) => {
  const event = signedEvent(voiceParameters(), { url: 'http://localhost:3000/incoming-call' });

  const { body } = await call(t, event, { DOMAIN_NAME: 'localhost:3000' });

  assert.equal(body, TWIML);
});

test('T-F1 a domain that only begins like localhost is https', async (t) => {
  const DOMAIN_NAME = 'localhost.example.com';
  const event = signedEvent(voiceParameters(), { url: `http://${DOMAIN_NAME}/incoming-call` });

  await assert.rejects(call(t, event, { DOMAIN_NAME }), /X-Twilio-Signature/);
});

test('T-F1 the AUTH_TOKEN of another account refuses everything', async (t) => {
  await assert.rejects(call(t, signedEvent(), { AUTH_TOKEN: AUTH_TOKEN.toUpperCase() }), /X-Twilio-Signature/);
});

test('T-F2 the headers and cookies of the event are neither signed nor sent', async (t) => {
  const { body, received } = await call(t, signedEvent());

  assert.equal(body, TWIML);
  assert.equal('request' in received[0], false);
});

test('T-F3 a repeated parameter is an error and nothing is sent', (t) =>
  assertRefused(t, signedEvent(voiceParameters({ Digits: ['1', '2'] })), /Refused: a parameter is repeated or not text/));

for (const value of [1, null, true, { nested: 'text' }]) {
  test(`T-F3 a parameter that is ${JSON.stringify(value)} is an error and nothing is sent`, (t) =>
    assertRefused(t, signedEvent(voiceParameters({ Digits: value })), /Refused: a parameter is repeated or not text/));
}

test('T-F10 CallToken and StirVerstat are forwarded when they are signed', async (t) => {
  const params = voiceParameters();

  const { received } = await call(t, signedEvent(params));

  assert.equal(received[0].CallToken, params.CallToken);
  assert.equal(received[0].StirVerstat, params.StirVerstat);
});

for (const names of [['CallToken'], ['StirVerstat'], ['CallToken', 'StirVerstat']]) {
  test(`T-F10 ${names.join(' and ')} not covered by the signature: dropped, the rest is forwarded`, async (t) => {
    const params = voiceParameters();
    const signed = Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));

    const { body, received } = await call(t, signedEvent(params, { signed }));

    const { VaForwardedAt, ...forwarded } = received[0];
    assert.equal(body, TWIML);
    assert.deepEqual(forwarded, signed);
  });
}

test('T-F10 no other unsigned parameter is dropped', (t) => {
  const { CallerName, ...signed } = voiceParameters();
  return assertRefused(t, signedEvent(voiceParameters(), { signed }), /X-Twilio-Signature/);
});
