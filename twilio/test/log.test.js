const assert = require('node:assert/strict');
const { test } = require('node:test');
const { inspect } = require('node:util');
const { ALLOWED, AUTH_TOKEN, CALL_SID, STRANGER, context, signedEvent, voiceParameters } = require('../fakes/call');
const { invoke, load } = require('../fakes/runtime');
const { sendTwiml, startWebhook, TWIML } = require('../fakes/webhook');

const { handler } = load('incoming-call');

const calls = {
  'an answered call': {},
  'a rejected call': { params: { From: STRANGER } },
  'a rejected call whose CallSid is a number': { params: { From: STRANGER, CallSid: STRANGER } },
  'a rejected client': { params: { From: 'client:s3cr3t_name' } },
  'a rejected SIP user': { params: { From: 'sip:s3cr3t_name@sip.example;user=phone' } },
  'an answered SIP user': { params: { From: 'sip:s3cr3t_name@sip.example;user=phone' }, settings: { ALLOWED_NUMBERS: 'sip:s3cr3t_name@sip.example' } },
  'a 403': { respond: (response) => response.writeHead(403).end(TWIML) },
  'HTML instead of TwiML': { respond: (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(TWIML) },
  'too much TwiML': { respond: (response) => sendTwiml(response, TWIML.padEnd(20_000)) },
  'an answer that is not HTTP': { respond: (response) => response.socket.end(`${TWIML}\r\n\r\n`) },
  'a redirect': { respond: (response) => response.writeHead(302, { Location: `https://example.com/${STRANGER}` }).end() },
  'a forged request': { event: { To: STRANGER } },
  'a repeated parameter': { event: { To: [STRANGER, ALLOWED] } },
  'unsigned parameters that are dropped': { event: { StirVerstat: STRANGER } },
  'malformed parties': { settings: { ALLOWED_NUMBERS: `sip:s3cr3t_name,clients:s3cr3t_name@,${ALLOWED}` } },
  'malformed numbers': { settings: { ALLOWED_NUMBERS: `tel:${STRANGER},${ALLOWED}` } },
  'no WEBHOOK_URL': { settings: { WEBHOOK_URL: '' } },
  'an unusable WEBHOOK_URL': { settings: { WEBHOOK_URL: `https://voice.example.com/${STRANGER}` } },
};

for (const [what, { params, respond, event, settings }] of Object.entries(calls)) {
  test(`T-F9 ${what} logs no number, token, signature or TwiML`, async (t) => {
    const logged = [];
    for (const level of ['debug', 'error', 'info', 'log', 'trace', 'warn']) {
      t.mock.method(console, level, (...line) => logged.push(...line.map(inspect)));
    }
    const webhook = await startWebhook(t, respond);
    const incoming = { ...signedEvent(voiceParameters(params)), ...event };

    await invoke(handler, context({ WEBHOOK_URL: webhook.url, ...settings }), incoming)
      .catch(({ message }) => logged.push(message));

    const secrets = [
      ALLOWED.slice(1), STRANGER.slice(1), incoming.Called.slice(1), incoming.CallerName, incoming.CallToken, AUTH_TOKEN, 's3cr3t_name',
      incoming.request.headers['x-twilio-signature'], '<',
      ...webhook.requests.map(({ headers }) => headers['x-twilio-signature']),
    ];
    const text = logged.join('\n');
    assert.deepEqual(secrets.filter((secret) => text.includes(secret)), []);
  });
}

test('T-F9 a rejected call raises no alert in Twilio\'s Debugger', async (t) => {
  const log = t.mock.method(console, 'log', () => {});
  const alerts = [t.mock.method(console, 'warn', () => {}), t.mock.method(console, 'error', () => {})];

  await invoke(handler, context(), signedEvent(voiceParameters({ From: STRANGER })));

  assert.deepEqual(log.mock.calls.map(({ arguments: [line] }) => line), [`${CALL_SID}: rejected, the caller is not in the allowlist.`]);
  assert.deepEqual(alerts.map(({ mock }) => mock.callCount()), [0, 0]);
});
