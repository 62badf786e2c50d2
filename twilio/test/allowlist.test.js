const assert = require('node:assert/strict');
const { test } = require('node:test');
const { ALLOWED, STRANGER, context, signedEvent, voiceParameters } = require('../fakes/call');
const { invoke, load } = require('../fakes/runtime');
const { startWebhook, TWIML } = require('../fakes/webhook');

const { handler } = load('incoming-call');

async function call(t, From, lists) {
  t.mock.method(console, 'log', () => {});
  const warn = t.mock.method(console, 'warn', () => {});
  const webhook = await startWebhook(t);
  const { headers, body } = await invoke(
    handler, context({ WEBHOOK_URL: webhook.url, ...lists }), signedEvent(voiceParameters({ From })));
  assert.match(headers['Content-Type'], /^text\/xml/);
  return { body, sent: webhook.requests.length, warned: warn.mock.calls.map(({ arguments: [line] }) => line) };
}

const admitted = {
  'the only number': { ALLOWED_NUMBERS: ALLOWED },
  'among others': { ALLOWED_NUMBERS: `${STRANGER},${ALLOWED},+442071838750` },
  'with blanks around and inside': { ALLOWED_NUMBERS: ` ${STRANGER} ,\n +1 415 555 0123 , ` },
  'in ALLOWED_NUMBERS_1': { ALLOWED_NUMBERS: STRANGER, ALLOWED_NUMBERS_1: ALLOWED },
  'in ALLOWED_NUMBERS_9 with nothing in between': { ALLOWED_NUMBERS: '', ALLOWED_NUMBERS_9: ALLOWED },
  'beside a malformed entry': { ALLOWED_NUMBERS: `4155550123,${ALLOWED}` },
};

for (const [where, lists] of Object.entries(admitted)) {
  test(`T-F4 a caller in the allowlist is forwarded: ${where}`, async (t) => {
    const { body, sent } = await call(t, ALLOWED, lists);

    assert.equal(body, TWIML);
    assert.equal(sent, 1);
  });
}

const empty = {
  'no variable': { ALLOWED_NUMBERS: undefined },
  'an empty variable': { ALLOWED_NUMBERS: '' },
  'only separators': { ALLOWED_NUMBERS: ' , ,, ' },
};

for (const [what, lists] of Object.entries(empty)) {
  test(`T-F4 an empty allowlist rejects everyone: ${what}`, async (t) => {
    const { body, sent } = await call(t, ALLOWED, lists);

    assert.match(body, /<Response><Reject\/><\/Response>$/);
    assert.equal(sent, 0);
  });
}

for (const From of [STRANGER, '+1415555012', '+141555501230', '14155550123', ` ${ALLOWED}`, 'anonymous', '', '+', 'sip:+14155550123@example.com']) {
  test(`T-F4 a caller who is not exactly in the allowlist is rejected unanswered: "${From}"`, async (t) => {
    const { body, sent } = await call(t, From, { ALLOWED_NUMBERS: `${ALLOWED},anonymous` });

    assert.match(body, /<Response><Reject\/><\/Response>$/);
    assert.equal(sent, 0);
  });
}

test('T-F4 a call without From is rejected', async (t) => {
  t.mock.method(console, 'log', () => {});
  const webhook = await startWebhook(t);
  const { From, ...params } = voiceParameters();

  const { body } = await invoke(handler, context({ WEBHOOK_URL: webhook.url }), signedEvent(params));

  assert.match(body, /<Reject\/>/);
  assert.equal(webhook.requests.length, 0);
});

test('T-F4 ALLOWED_NUMBERS_10 is not read', async (t) => {
  const { body } = await call(t, ALLOWED, { ALLOWED_NUMBERS: '', ALLOWED_NUMBERS_10: ALLOWED });

  assert.match(body, /<Reject\/>/);
});

test('T-F4 a malformed entry is reported by its variable and position, never by value', async (t) => {
  const { warned } = await call(t, ALLOWED, { ALLOWED_NUMBERS: `${ALLOWED},,441632960961`, ALLOWED_NUMBERS_2: 'Anna +14155550124' });

  assert.deepEqual(warned, [
    'ALLOWED_NUMBERS: entry 3 is not a number in E.164 form, such as +14155550100.',
    'ALLOWED_NUMBERS_2: entry 1 is not a number in E.164 form, such as +14155550100.',
  ]);
});
