const { getExpectedTwilioSignature } = require('twilio');

const functions = Runtime.getFunctions();
const { authenticParameters } = require(functions.authentic.path);
const { forward } = require(functions.forward.path);
const { authToken, isAllowed, webhookUrl } = require(functions.settings.path);
const { APOLOGY, REJECTION, asResponse } = require(functions.twiml.path);

exports.handler = (context, event, callback) => {
  exports.answer(context, event).then((twiml) => callback(null, asResponse(twiml)), callback);
};

// The tests pass limits of their own; a call takes those of forward.
exports.answer = async (context, event, limits) => {
  const token = authToken(context);
  if (!token) {
    return APOLOGY;
  }

  const params = authenticParameters(context, token, event);
  // Never a caller, a token, a signature or TwiML.
  const call = /^CA[0-9a-f]{32}$/.test(params.CallSid) ? params.CallSid : 'A call without a CallSid';

  if (!isAllowed(context, params.From)) {
    // Not console.warn or .error: those raise an alert in Twilio's Debugger, which a stranger could then flood.
    console.log(`${call}: rejected, the caller is not in the allowlist.`);
    return REJECTION;
  }

  const url = webhookUrl(context);
  if (!url) {
    return APOLOGY;
  }

  // Signed along with the rest, so the Webhook can tell a replay by its age.
  const forwarded = { ...params, VaForwardedAt: String(Math.floor(Date.now() / 1000)) };
  const signature = getExpectedTwilioSignature(token, url, forwarded);
  const { twiml, reason } = await forward(url, forwarded, signature, limits);
  if (reason) {
    console.error(`${call}: ${reason}.`);
    return APOLOGY;
  }
  return twiml;
};
