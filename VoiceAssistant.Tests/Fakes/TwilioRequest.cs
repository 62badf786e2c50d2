using VoiceAssistant.Calls.Signatures;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>A request as Twilio makes it. What <c>with</c> changes of its path or its fields is changed after the signing.</summary>
internal sealed record TwilioRequest(string Path, IReadOnlyList<KeyValuePair<string, string>> Fields)
{
    public static readonly TwilioRequest IncomingCall = new("/incoming-call", CallForm.Inbound);

    /// <returns>An authentic request about a call that nobody has heard of.</returns>
    public static TwilioRequest NewCall(params IEnumerable<(string Name, string Value)> fields) => new(
        IncomingCall.Path, fields.Aggregate(CallForm.Inbound.With("CallSid", TestGrant.NewCallSid()), (form, field) => form.With(field.Name, field.Value)));

    /// <returns>The same for a webhook whose clock is the machine's.</returns>
    public static TwilioRequest NewCallNow() => NewCall(("VaForwardedAt", $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}"));

    public static readonly TwilioRequest StreamEnded = new("/stream-ended",
        [new("AccountSid", FakeTwilioStream.AccountSid), new("CallSid", FakeTwilioStream.CallSid), new("StreamSid", FakeTwilioStream.StreamSid)]);

    public string AuthToken { get; init; } = WebhookHost.AuthToken;

    public string SignedUrl { get; init; } = WebhookHost.PublicUrl + Path;

    public IReadOnlyList<KeyValuePair<string, string>> SignedFields { get; init; } = Fields;

    public string Signature => TwilioSignature.Compute(AuthToken, SignedUrl, SignedFields);

    public HttpRequestMessage ToMessage() => new(HttpMethod.Post, Path)
    {
        Content = new FormUrlEncodedContent(Fields),
        Headers = { { TwilioSignature.HeaderName, Signature } },
    };
}
