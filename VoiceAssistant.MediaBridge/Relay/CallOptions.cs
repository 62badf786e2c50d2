using System.Globalization;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What a call may be. As text, so that wrong settings are reported together with all other faults.</summary>
internal sealed record CallOptions
{
    public const string LongestName = "MAX_CALL_MINUTES";

    private const int DefaultMinutes = 15;

    // A minute before the end, the caller is told of it; after four hours, Twilio itself ends a call.
    private const int FewestMinutes = 2;
    private const int MostMinutes = 240;

    [ConfigurationKeyName(LongestName)]
    public string LongestText { get; init; } = "";

    /// <summary>How long a call may last, however many streams it has; null where the setting is wrong.</summary>
    public TimeSpan? Longest =>
        string.IsNullOrWhiteSpace(LongestText) ? TimeSpan.FromMinutes(DefaultMinutes)
        : int.TryParse(LongestText, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes is >= FewestMinutes and <= MostMinutes
            ? TimeSpan.FromMinutes(minutes)
        : null;
}

internal sealed class CallOptionsValidator : IValidateOptions<CallOptions>
{
    public ValidateOptionsResult Validate(string? name, CallOptions options) =>
        options.Longest is null
            ? ValidateOptionsResult.Fail($"{CallOptions.LongestName} is '{options.LongestText}'; expected 2 to 240 minutes.")
            : ValidateOptionsResult.Success;
}
