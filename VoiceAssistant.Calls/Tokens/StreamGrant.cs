using System.Text.Json.Serialization;

namespace VoiceAssistant.Calls.Tokens;

/// <summary>What a token was issued for: the stream that presents it must belong to this call of this account.</summary>
/// <param name="CallSid">Twilio's name of the call.</param>
/// <param name="AccountSid">Whose call it is.</param>
/// <param name="From">The caller: a number, a word where they hide it, or a client, a SIP URI, a WhatsApp user, a SIM. Claimed by the carriers, see <see cref="IsVerified"/>.</param>
/// <param name="To">The party that was called, likewise; empty where a client calls.</param>
/// <param name="Verstat">Twilio's StirVerstat: what the carriers vouch for; null where they say nothing, as everywhere outside the USA.</param>
public sealed record StreamGrant(string CallSid, string AccountSid, string From, string To, string? Verstat)
{
    /// <summary>The how-manieth token of this call: of two streams the one with the greater number is the call's.</summary>
    public int Sequence { get; init; }

    /// <summary>The trace of the webhook's answer, which the stream goes on with (W3C's traceparent); null without one.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Whether the caller's carrier knows them and that <see cref="From"/> is theirs. Without it, nothing may be done in their name.</summary>
    [JsonIgnore]
    public bool IsVerified => Verstat is "TN-Validation-Passed-A";

    // A record prints its members, and two of these are people.
    public override string ToString() => nameof(StreamGrant);
}

[JsonSerializable(typeof(StreamGrant))]
internal sealed partial class StreamGrantJson : JsonSerializerContext;
