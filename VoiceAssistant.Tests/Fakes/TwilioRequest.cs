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

    /// <returns>What Twilio asks when a stream of the call has ended.</returns>
    public static TwilioRequest StreamEnded(string callSid, int sequence = 1, string callStatus = "in-progress") => new(
        $"/stream-ended/{sequence}", CallForm.Inbound.Without("VaForwardedAt").Without("StirVerstat").With("CallSid", callSid).With("CallStatus", callStatus));

    /// <returns>The same, where it was told by REST to ask.</returns>
    public static TwilioRequest Rescue(string callSid, int sequence = 1) => new($"/stream-ended/{sequence}/rescue", StreamEnded(callSid).Fields);

    /// <returns>What Twilio tells of a stream.</returns>
    public static TwilioRequest StreamStatus(string callSid, int sequence = 1, string streamEvent = "stream-error") => new(
        $"/stream-status/{sequence}",
        [
            new("AccountSid", FakeTwilioStream.AccountSid), new("CallSid", callSid), new("StreamSid", FakeTwilioStream.StreamSid),
            new("StreamName", FakeTwilioStream.StreamSid), new("StreamEvent", streamEvent), new("StreamError", ""), new("Timestamp", "2026-01-02T03:04:05.678Z"),
        ]);

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
