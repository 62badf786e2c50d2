const { getExpectedTwilioSignature } = require('twilio');
const { getExpectedBodyHash } = require('twilio/lib/webhooks/webhooks');

// Several differ in case only, or sort otherwise as numbers or by culture than by code unit.
const NAMES = [
  'AccountSid', 'CallSid', 'callsid', 'CALLSID', 'Called', 'Caller', 'CallerName', 'From', 'from', 'To', 'Digits', 'digits',
  'StirVerstat', 'SpeechResult', 'MessagingBinding.Address', 'a', 'A', 'a-b', 'a_b', 'ab', 'Zebra', 'ä', 'Ключ', '1', '9', '10',
];
const VALUES = [
  '', ' ', '+14155550100', '+44 20 7183 8750', ' leading', 'trailing ', '\ttab\t', 'two\r\nlines', '100%', '%2B', '%27', 'a+b', 'a&b=c',
  'it\'s', '"quoted"', '<Say>', 'José Ñandú', 'Jose\u0301', 'Ærøskøbing', 'STRASSE', 'straße', '北京', 'العربية', '🙂👍🏽', '0', 'null', 'ringing',
  'TN-Validation-Passed-A', 'b', 'B', 'a,b',
];
const PATHS = ['/', '/incoming-call', '/incoming-call/', '/Incoming-Call', '/a/b.php', '/stream%20ended', '/caf%C3%A9', '/~user/%7Euser'];
const QUERIES = ['', '', '?', '?foo=1&bar=2', '?bar=2&foo=1', '?a', '?a=&b=+', '?text=a+b%20c%2Bd', '?u=%C3%A9%27', '?foo=1&foo=1'];
const BODIES = ['', '{}', '{"CallSid":"CA1"}', '{"text":"José 北京 🙂"}', ' \n', '<Response/>', 'a=b&c=d', '0'.repeat(5000)];
const HOSTS = ['voice.example.com', 'localhost', '127.0.0.1', 'xn--caf-dma.example.com'];
const USERS = ['', '', '', 'user@', 'user:pass@', 'User:p%40ss@'];

/** What is done to a request after it was signed. */
exports.alterations = {
  'untouched': () => ({}),
  'shuffled': ({ params }, random) => ({ params: random.shuffle(params) }),
  'port-removed-by-signer': ({ parts, params, authToken }) => signedAs({ ...parts, port: '' }, params, authToken),
  'default-port-added-by-signer': ({ parts, params, authToken }) =>
    signedAs({ ...parts, port: parts.port || defaultPort(parts) }, params, authToken),
  'parameter-repeated': ({ params }, random) => ({ params: [...params, random.pick(params)] }),
  'value-changed': ({ params }, random) => ({ params: changed(params, random, ([name, value]) => [name, `${value}1`]) }),
  'values-trimmed': ({ params }) => ({ params: params.map(([name, value]) => [name, value.trim()]) }),
  'name-case-changed': ({ params }, random) => ({ params: changed(params, random, ([name, value]) => [name.toUpperCase(), value]) }),
  'parameter-added': ({ params }) => ({ params: [...params, ['Added', 'x']] }),
  'parameter-removed': ({ params }, random) => ({ params: random.shuffle(params).slice(1) }),
  'repeated-value-added': ({ params }, random) => ({ params: [...params, [random.pick(params)[0], random.pick(VALUES)]] }),
  'repeated-values-joined': ({ params }) => ({ params: joined(params) }),
  'other-scheme': ({ parts }) => ({ url: text({ ...parts, scheme: parts.scheme === 'http' ? 'https' : 'http' }) }),
  'other-host': ({ parts }) => ({ url: text({ ...parts, host: 'evil.example.com' }) }),
  // Signed with the default port and asked for with another: there the libraries disagree, so never that.
  'other-port': ({ parts }) => ({ url: text({ ...parts, port: parts.port === defaultPort(parts) ? '' : ':9999' }) }),
  'other-path': ({ parts }) => ({ url: text({ ...parts, path: `${parts.path}/` }) }),
  'other-path-case': ({ parts }) => ({ url: text({ ...parts, path: '/INCOMING-CALL' }) }),
  'other-query': ({ parts }) => ({ url: text({ ...parts, query: '?foo=2' }) }),
  'other-user': ({ parts }) => ({ url: text({ ...parts, user: 'other@' }) }),
  'other-token': (_, random) => ({ authToken: random.hex(32) }),
  'signature-changed': ({ signature }) => ({ signature: (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1) }),
  'signature-truncated': ({ signature }) => ({ signature: signature.slice(0, 20) }),
  'signature-prefixed': ({ signature }) => ({ signature: `NOT${signature}` }),
  'signature-empty': () => ({ signature: '' }),
  'body': (request, random) => withBody(request, random),
  'body-changed': (request, random) => ({ ...withBody(request, random), body: '{"text":"other"}' }),
  'body-hash-changed': (request, random) => {
    const signed = withBody(request, random);
    return { ...signed, url: signed.url.replace(/.$/, (last) => (last === '0' ? '1' : '0')) };
  },
  'body-hash-missing': (request, random) => ({ params: [], body: random.pick(BODIES), ...signedAs(request.parts, [], request.authToken) }),
  'body-signature-changed': (request, random) => ({ ...withBody(request, random), signature: request.signature }),
};

exports.signedRequest = (random) => {
  const scheme = random.pick(['http', 'https']);
  const parts = {
    scheme,
    user: random.pick(USERS),
    host: random.pick(HOSTS),
    port: random.pick(['', '', defaultPort({ scheme }), ':1234', ':8443']),
    path: random.pick(PATHS),
    query: random.pick(QUERIES),
  };
  const params = Array.from({ length: 1 + random.below(8) }, () => [random.pick(NAMES), random.pick(VALUES)]);
  for (let repeats = random.below(3); repeats > 0; repeats--) {
    params.push([random.pick(params)[0], random.pick(VALUES)]);
  }
  const authToken = random.hex(32);
  return { parts, url: text(parts), authToken, params, ...signedAs(parts, params, authToken) };
};

// A request whose body is no form: its URL has the body's hash, and that URL alone is signed.
function withBody({ parts, authToken }, random) {
  const body = random.pick(BODIES);
  const query = `${parts.query}${parts.query ? '&' : '?'}bodySHA256=${getExpectedBodyHash(body)}`;
  const signedParts = { ...parts, query };
  return { url: text(signedParts), params: [], body, ...signedAs(signedParts, [], authToken) };
}

function signedAs(parts, params, authToken) {
  return { signature: getExpectedTwilioSignature(authToken, text(parts), exports.grouped(params)) };
}

function text({ scheme, user, host, port, path, query }) {
  return `${scheme}://${user}${host}${port}${path}${query}`;
}

function defaultPort({ scheme }) {
  return scheme === 'https' ? ':443' : ':80';
}

/** As express gives a form to the twilio package: an array where a name is repeated. */
exports.grouped = (params) => {
  const values = new Map();
  for (const [name, value] of params) {
    values.set(name, values.has(name) ? [values.get(name), value].flat() : value);
  }
  return Object.fromEntries(values);
};

function joined(params) {
  return Object.entries(exports.grouped(params)).map(([name, value]) => [name, [value].flat().join(',')]);
}

function changed(params, random, change) {
  const index = random.below(params.length);
  return params.with(index, change(params[index]));
}
