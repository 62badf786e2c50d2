const { APOLOGY, asResponse } = require(Runtime.getFunctions().twiml.path);

exports.handler = (context, event, callback) => callback(null, asResponse(APOLOGY));
