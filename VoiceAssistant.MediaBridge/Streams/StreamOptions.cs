using System.Globalization;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Who may open a stream, and how many may. As text, so that wrong settings are reported together with all other faults.</summary>
internal sealed record StreamOptions
{
    public const string MaxCallsName = "MAX_CALLS";

    private const int DefaultMaxCalls = 20;
    private const int MostCalls = 10_000;

    /// <summary>Off, Log or Require; empty: Require, where not only this machine can call.</summary>
    [ConfigurationKeyName("HANDSHAKE_SIGNATURE")]
    public string HandshakeText { get; init; } = "";

    [ConfigurationKeyName(MaxCallsName)]
    public string MaxCallsText { get; init; } = "";

    /// <summary>Null where the setting is empty, or wrong.</summary>
    public HandshakeCheck? Handshake => HandshakeText.ToUpperInvariant() switch
    {
        "OFF" => HandshakeCheck.Off,
        "LOG" => HandshakeCheck.Log,
        "REQUIRE" => HandshakeCheck.Require,
        _ => null,
    };

    /// <summary>How many calls are held at once; null where the setting is wrong.</summary>
    public int? MaxCalls =>
        MaxCallsText is "" ? DefaultMaxCalls
        : int.TryParse(MaxCallsText, NumberStyles.None, CultureInfo.InvariantCulture, out var calls) && calls is > 0 and <= MostCalls ? calls
        : null;
}

internal sealed class StreamOptionsValidator : IValidateOptions<StreamOptions>
{
    public ValidateOptionsResult Validate(string? name, StreamOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();

        if (options is { HandshakeText: not "", Handshake: null })
        {
            faults.AddError($"HANDSHAKE_SIGNATURE is '{options.HandshakeText}'; expected Off, Log, Require, or nothing for Require (Off on this machine).");
        }

        if (options.MaxCalls is null)
        {
            faults.AddError($"{StreamOptions.MaxCallsName} is '{options.MaxCallsText}'; expected a number of calls from 1 to 10000.");
        }

        return faults.Build();
    }
}
