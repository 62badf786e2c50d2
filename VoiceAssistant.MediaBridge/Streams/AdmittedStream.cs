using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.MediaBridge.Streams;

/// <param name="Start">The stream, as Twilio describes it.</param>
/// <param name="Grant">What our webhook knows of its call.</param>
/// <param name="Lease">The call as it stands.</param>
internal sealed record AdmittedStream(StreamStart Start, StreamGrant Grant, CallLease Lease);
