using Microsoft.Extensions.Options;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Which calls are answered, of those that are authentic.</summary>
internal sealed record IncomingCallOptions
{
    public const string AllowedNumbersName = "ALLOWED_NUMBERS";
    public const string RequireForwardedAtName = "REQUIRE_FORWARDED_AT";

    [ConfigurationKeyName(AllowedNumbersName)]
    public string AllowedNumbersText { get; init; } = "";

    /// <summary>What .NET makes of ALLOWED_NUMBERS__0 and the like: nobody reads it, so it is a fault.</summary>
    [ConfigurationKeyName(AllowedNumbersName)]
    public string[]? AllowedNumbersList { get; init; }

    /// <summary>As text, so that a wrong one is reported together with all other faults.</summary>
    [ConfigurationKeyName(RequireForwardedAtName)]
    public string RequireForwardedAtText { get; init; } = "";

    /// <summary>Who may call; empty: the Function before us decides.</summary>
    public IReadOnlyList<string> AllowedNumbers =>
        AllowedNumbersText.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The same as parties; null in the place of an entry that is none.</summary>
    public IEnumerable<Party?> AllowedParties => AllowedNumbers.Select(Party.Parse);

    /// <summary>Whether the signed time of the Function may be missing; null: only where PUBLIC_URL is this machine's.</summary>
    public bool? RequireForwardedAt => bool.TryParse(RequireForwardedAtText, out var required) ? required : null;

    // A record prints its members, and these are people.
    public override string ToString() => nameof(IncomingCallOptions);
}

internal sealed class IncomingCallOptionsValidator : IValidateOptions<IncomingCallOptions>
{
    private const string Expected = $"expected {Party.Expected}, separated by commas, or nothing to leave it to the Function";

    public ValidateOptionsResult Validate(string? name, IncomingCallOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();

        if (options.AllowedNumbersList is { Length: > 0 })
        {
            faults.AddError(
                $"{IncomingCallOptions.AllowedNumbersName} is a list ({IncomingCallOptions.AllowedNumbersName}__0 or the like); "
                + $"expected one line, {IncomingCallOptions.AllowedNumbersName}=+14155550100,+14155550101.");
        }

        // Commas alone would let everybody in.
        if (options.AllowedNumbers.Count == 0 && !string.IsNullOrWhiteSpace(options.AllowedNumbersText))
        {
            faults.AddError($"{IncomingCallOptions.AllowedNumbersName} holds commas only; {Expected}.");
        }

        foreach (var (index, party) in options.AllowedParties.Index())
        {
            // Not shown: what is no caller here may still be somebody's number.
            if ((party is null ? "no caller" : party.FaultInList) is { } fault)
            {
                faults.AddError($"{IncomingCallOptions.AllowedNumbersName} has {fault} in place {index + 1} of {options.AllowedNumbers.Count}; {Expected}.");
            }
        }

        if (options.RequireForwardedAtText is not "" && options.RequireForwardedAt is null)
        {
            faults.AddError($"{IncomingCallOptions.RequireForwardedAtName} is '{options.RequireForwardedAtText}'; expected true or false.");
        }

        return faults.Build();
    }
}
