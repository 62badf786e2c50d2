const { validateRequest } = require('twilio');

// Some report that Twilio adds these after signing. Only what is signed may be signed again.
const MAYBE_UNSIGNED = [[], ['CallToken'], ['StirVerstat'], ['CallToken', 'StirVerstat']];

/**
 * The parameters Twilio signed for this Function, as strings.
 * Throws on anything else: what this Function forwards leaves with a signature of its own, so whoever
 * could reach it unsigned could have any request signed.
 */
exports.authenticParameters = (context, authToken, { request, ...params }) => {
  const signature = request?.headers?.['x-twilio-signature'];
  if (typeof signature !== 'string') {
    throw new Error('Refused: not exactly one X-Twilio-Signature.');
  }
  // Twilio's libraries disagree on how a repeated parameter is signed.
  if (Object.values(params).some((value) => typeof value !== 'string')) {
    throw new Error('Refused: a parameter is repeated or not text.');
  }

  const url = ownUrl(context);
  const signed = MAYBE_UNSIGNED
    .map((names) => without(params, names))
    .find((candidate) => validateRequest(authToken, signature, url, candidate));
  if (!signed) {
    throw new Error('Refused: the X-Twilio-Signature does not fit this Function and its parameters.');
  }
  return signed;
};

// Deployed, the domain is under twil.io and https; twilio-run says localhost:3000 and speaks http.
function ownUrl({ DOMAIN_NAME, PATH }) {
  const scheme = /^localhost(:\d+)?$/.test(DOMAIN_NAME) ? 'http' : 'https';
  return `${scheme}://${DOMAIN_NAME}${PATH}`;
}

function without(params, names) {
  return Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));
}
