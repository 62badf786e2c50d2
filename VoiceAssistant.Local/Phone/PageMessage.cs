using System.Text.Json.Serialization;

namespace VoiceAssistant.Local.Phone;

/// <summary>What the phone tells its page during a call, besides the audio.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(PageEvent), "event")]
[JsonDerivedType(typeof(PageTimes), "times")]
internal abstract record PageMessage;

internal sealed record PageEvent(PhoneEventKind Kind, string? Text) : PageMessage;

/// <summary><see cref="CallTimes"/> in whole milliseconds.</summary>
internal sealed record PageTimes(
    long? WebhookAnswer,
    long? Connected,
    long? FirstAudible,
    IReadOnlyList<long> Answers,
    IReadOnlyList<PageCutOff> CutOffs,
    int Turns,
    IReadOnlyList<ProtocolWarning> Warnings) : PageMessage
{
    public static PageTimes From(CallTimes times) => new(
        Milliseconds(times.WebhookAnswer),
        Milliseconds(times.Connected),
        Milliseconds(times.FirstAudible),
        [.. times.Answers.Select(Milliseconds)],
        [.. times.CutOffs.Select(cutOff => new PageCutOff(Milliseconds(cutOff.Unheard), cutOff.IsByCaller, Milliseconds(cutOff.SilentAfter)))],
        times.Turns,
        times.Warnings);

    private static long? Milliseconds(TimeSpan? time) => time is { } known ? Milliseconds(known) : null;

    private static long Milliseconds(TimeSpan time) => (long)Math.Round(time.TotalMilliseconds);
}

/// <summary><see cref="CutOff"/> in whole milliseconds.</summary>
internal sealed record PageCutOff(long Unheard, bool IsByCaller, long? SilentAfter);

/// <summary>What the page asks for: <c>call</c>, <c>hangup</c>, or <c>dtmf</c> with a digit.</summary>
internal sealed record PageCommand(string? Type, string? Digit);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PageMessage))]
[JsonSerializable(typeof(PageCommand))]
[JsonSerializable(typeof(PhoneInfo))]
internal sealed partial class PageJson : JsonSerializerContext;
