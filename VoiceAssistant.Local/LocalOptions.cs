using System.Globalization;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.Local;

internal sealed record LocalOptions
{
    public const int DefaultPort = 5050;

    /// <summary>As text, so that a wrong one is reported together with all other faults.</summary>
    [ConfigurationKeyName("PORT")]
    public string PortText { get; init; } = "";

    public int? Number =>
        PortText is "" ? DefaultPort
        : int.TryParse(PortText, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port
        : null;
}

internal sealed class LocalOptionsValidator : IValidateOptions<LocalOptions>
{
    public ValidateOptionsResult Validate(string? name, LocalOptions options) => options.Number is null
        ? ValidateOptionsResult.Fail($"PORT is '{options.PortText}'; expected a number from 1 to 65535.")
        : ValidateOptionsResult.Success;
}
