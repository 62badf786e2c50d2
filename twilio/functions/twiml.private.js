// Plain text, no builder: the fallback must be able to answer when a package cannot be loaded.
const respond = (verbs) => `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`;

exports.APOLOGY = respond('<Say>Sorry, the assistant is not available right now. Please call again later.</Say><Hangup/>');

// As the first verb it refuses the call unanswered and unbilled.
exports.REJECTION = respond('<Reject/>');

// Twilio reads a bare string as text/plain.
exports.asResponse = (twiml) => {
  const response = new Twilio.Response();
  response.appendHeader('Content-Type', 'text/xml; charset=utf-8');
  response.setBody(twiml);
  return response;
};
