using System.Text.Json.Serialization;

namespace VoiceAssistant.Calls.Tokens;

/// <summary>What a token was issued for: the stream that presents it must belong to this call of this account.</summary>
/// <param name="CallSid">The call.</param>
/// <param name="AccountSid">Whose call it is.</param>
/// <param name="IssuedAt">When its webhook was answered.</param>
/// <param name="TraceParent">The trace of that answer, which the stream goes on with (W3C form); null without one.</param>
public sealed record StreamGrant(string CallSid, string AccountSid, DateTimeOffset IssuedAt, string? TraceParent = null);

[JsonSerializable(typeof(StreamGrant))]
internal sealed partial class StreamGrantJson : JsonSerializerContext;
