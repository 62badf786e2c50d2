const assert = require('node:assert/strict');
const { test } = require('node:test');
const { AUTH_TOKEN, context, signedEvent } = require('../fakes/call');
const { invoke, load } = require('../fakes/runtime');

const { handler } = load('incoming-call');
const { APOLOGY } = load('twiml');

async function call(t, settings) {
  const error = t.mock.method(console, 'error', () => {});
  const { body } = await invoke(handler, context(settings), signedEvent());
  return { body, logged: error.mock.calls.map(({ arguments: [line] }) => line) };
}

test('without AUTH_TOKEN the caller hears the apology and the log says what to tick', async (t) => {
  const { body, logged } = await call(t, { AUTH_TOKEN: undefined });

  assert.equal(body, APOLOGY);
  assert.equal(logged.length, 1);
  assert.match(logged[0], /^AUTH_TOKEN is missing: tick "Add my Twilio Credentials/);
});

for (const WEBHOOK_URL of [undefined, '', '  ']) {
  test(`without WEBHOOK_URL (${JSON.stringify(WEBHOOK_URL)}) the caller hears the apology and the log says what it must be`, async (t) => {
    const { body, logged } = await call(t, { WEBHOOK_URL });

    assert.equal(body, APOLOGY);
    assert.equal(logged.length, 1);
    assert.match(logged[0], /^WEBHOOK_URL is missing: it must be .*https:\/\/voice\.example\.com\/incoming-call/);
  });
}

const { webhookUrl } = load('settings');

for (const url of [
  'https://voice.example.com/incoming-call',
  'https://voice.example.com:8443/incoming-call',
  'https://example.com/voice/incoming-call',
  'http://localhost:5050/incoming-call',
  'http://127.0.0.1:5050/incoming-call',
]) {
  test(`WEBHOOK_URL may be ${url}`, () => assert.equal(webhookUrl({ WEBHOOK_URL: ` ${url} ` }), url));
}

for (const url of [
  'http://phone.example.com/incoming-call',
  'http://localhost.example.com/incoming-call',
  'http://localhost:5050@phone.example.com/incoming-call',
  'https://user:password@phone.example.com/incoming-call',
  'https://phone.example.com',
  'https://phone.example.com/',
  'https://phone.example.com/incoming-call/',
  'https://phone.example.com/incoming-call?token=1',
  'https://phone.example.com/incoming-call#rc=2',
  'https:///incoming-call',
  'phone.example.com/incoming-call',
  'ftp://phone.example.com/incoming-call',
]) {
  test(`WEBHOOK_URL may not be ${url}, and the log does not repeat it`, (t) => {
    const error = t.mock.method(console, 'error', () => {});

    assert.equal(webhookUrl({ WEBHOOK_URL: url }), undefined);

    const [line] = error.mock.calls[0].arguments;
    assert.match(line, /^WEBHOOK_URL is unusable: it must be /);
    assert.ok(!line.includes(url));
  });
}
