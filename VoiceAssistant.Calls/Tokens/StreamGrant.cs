using System.Text.Json.Serialization;

namespace VoiceAssistant.Calls.Tokens;

/// <summary>What a token was issued for: the stream that presents it must belong to this call of this account.</summary>
public sealed record StreamGrant(string CallSid, string AccountSid, DateTimeOffset IssuedAt);

[JsonSerializable(typeof(StreamGrant))]
internal sealed partial class StreamGrantJson : JsonSerializerContext;
