const EXACT = /^(\+[1-9]\d{1,14}|client:[!$-;=?-Z_a-z~]{1,256}|whatsapp:\+[1-9]\d{1,14}|sim:DE[0-9a-f]{32})$/;

// A word, or its letters on a telephone's keys, which look like a number.
const HIDDEN = /^([Aa]nonymous|[Rr]estricted|[Uu]nknown|[Uu]navailable|[Bb]locked|\+(266696687|7378742833|8656696|86282452253|2562533))$/;

const SIP = new RegExp(
  "^sips?:((?<user>[\\w.!~*'()&=+$,?/%-]+)(;[\\w.!~*'()&=+$,;?/%-]*)?(:[\\w.!~*'()&=+$,%-]*)?@)?"
  + '(?<host>\\[[0-9A-Fa-f:.]+\\]|\\w([\\w.-]*[\\w-])?)\\.?(:\\d{1,5})?([;?][!-~]*)?$');

const PARTIES = 'a number in E.164 form, such as +14155550100, client:NAME, sip:USER@HOST, whatsapp:+14155550100 or sim:DE...';

// A variable holds at most 450 bytes, about 34 numbers, so the list may go on in nine more.
const ALLOWLIST = ['ALLOWED_NUMBERS', ...Array.from({ length: 9 }, (_, n) => `ALLOWED_NUMBERS_${n + 1}`)];

const WEBHOOK_URL = /^(https:\/\/[^\s/@?#]+|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?)\/([^\s?#]+\/)?incoming-call$/;

exports.authToken = ({ AUTH_TOKEN }) => {
  if (!AUTH_TOKEN) {
    console.error('AUTH_TOKEN is missing: tick "Add my Twilio Credentials (ACCOUNT_SID) and (AUTH_TOKEN) to ENV" in the Environment Variables of this service.');
  }
  return AUTH_TOKEN;
};

exports.webhookUrl = ({ WEBHOOK_URL: value = '' }) => {
  const url = value.trim();
  if (WEBHOOK_URL.test(url)) {
    return url;
  }
  console.error(`WEBHOOK_URL is ${url ? 'unusable' : 'missing'}: it must be the PUBLIC_URL of the Webhook followed by /incoming-call, such as https://voice.example.com/incoming-call.`);
  return undefined;
};

/** Whether the caller, as Twilio names them in From, is in the allowlist. */
exports.isAllowed = (context, from = '') => {
  const caller = parse(from);
  return caller !== undefined && allowlist(context).has(caller.text);
};

function allowlist(context) {
  const allowed = new Set();
  for (const name of ALLOWLIST) {
    for (const [index, entry] of (context[name] ?? '').split(',').entries()) {
      const text = entry.replace(/\s/g, '');
      const { text: caller, fault } = parse(text) ?? { fault: 'no caller' };
      if (!fault) {
        allowed.add(caller);
      } else if (text) {
        console.warn(`${name}: entry ${index + 1} is ${fault}; expected ${PARTIES}`);
      }
    }
  }
  return allowed;
}

// As the Webhook reads parties (Party.cs): all texts of one party become one; of a SIP URI that is sip:user@host, the host in lower case.
// A fault says why a list cannot have the party. Undefined for a text that is no party.
function parse(text) {
  if (HIDDEN.test(text)) {
    return { text: 'anonymous', fault: 'a hidden caller' };
  }
  if (EXACT.test(text)) {
    return { text, fault: text.startsWith('client:') && text.endsWith('*') ? 'a pattern' : undefined };
  }
  const { user, host = '' } = SIP.exec(text)?.groups ?? {};
  const address = normalHost(host.toLowerCase());
  if (address === 'anonymous.invalid') {
    return parse('anonymous');
  }
  if (!user) {
    return address && { text: `sip:${address}`, fault: 'a SIP host without a user' };
  }
  const name = user.replace(/%[0-9a-f]{2}/gi, unescape);
  return address && { text: `sip:${name}@${address}`, fault: name.endsWith('*') ? 'a pattern' : undefined };
}

// One IPv6 address has many spellings. Undefined for what is no host.
function normalHost(host) {
  const url = `http://${host}`;
  return !host.startsWith('[') ? host || undefined : URL.canParse(url) ? new URL(url).hostname : undefined;
}

// RFC 3261, section 19.1.4: an unreserved character and its escape are the same.
function unescape(escaped) {
  const character = String.fromCharCode(Number.parseInt(escaped.slice(1), 16));
  return /[\w.!~*'()-]/.test(character) ? character : escaped.toUpperCase();
}

exports.parse = parse;
