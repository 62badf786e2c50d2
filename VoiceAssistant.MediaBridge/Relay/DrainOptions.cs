using System.Globalization;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>How long calls may go on when the process is to stop. As text, so that a wrong setting is reported together with all other faults.</summary>
internal sealed record DrainOptions
{
    public const string SecondsName = "DRAIN_SECONDS";

    // The most that Container Apps waits.
    private const int DefaultSeconds = 600;

    // Below, there is no time to hand a call over.
    private const int FewestSeconds = 10;
    private const int MostSeconds = 3600;

    [ConfigurationKeyName(SecondsName)]
    public string SecondsText { get; init; } = "";

    public bool IsValid => SecondsText is "" || Seconds is 0 or (>= FewestSeconds and <= MostSeconds);

    private int? Seconds => int.TryParse(SecondsText, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    /// <returns>
    /// After how long the process is killed; zero where nobody would go on with its calls, as on a developer's machine, where all stops at once.
    /// </returns>
    public TimeSpan Grace(IHostEnvironment environment) => TimeSpan.FromSeconds(Seconds ?? (environment.IsProduction() ? DefaultSeconds : 0));
}

internal sealed class DrainOptionsValidator : IValidateOptions<DrainOptions>
{
    public ValidateOptionsResult Validate(string? name, DrainOptions options) => options.IsValid
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(
            $"{DrainOptions.SecondsName} is '{options.SecondsText}'; expected the seconds from the wish to stop to the kill, from 10 to 3600, or 0 to end all calls at once.");
}
