using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace VoiceAssistant;

internal sealed record ManagementOptions
{
    public const string PortName = "MANAGEMENT_PORT";

    /// <summary>As text, so that a wrong one is reported together with all other faults.</summary>
    [ConfigurationKeyName(PortName)]
    public string PortText { get; init; } = "";

    /// <summary>Where the operator's endpoints are; null: nowhere. Not named Port, which is another setting to the binder.</summary>
    public int? Number => int.TryParse(PortText, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536 ? port : null;
}

internal sealed class ManagementOptionsValidator : IValidateOptions<ManagementOptions>
{
    public ValidateOptionsResult Validate(string? name, ManagementOptions options) => options is { PortText: not "", Number: null }
        ? ValidateOptionsResult.Fail(
            $"{ManagementOptions.PortName} is '{options.PortText}'; expected one of the ports in ASPNETCORE_URLS or HTTP_PORTS, or nothing for no management.")
        : ValidateOptionsResult.Success;
}
