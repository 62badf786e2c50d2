using System.Security.Cryptography;

namespace VoiceAssistant.AppHost;

/// <summary>Opens the phone's page: whoever has the link from the dashboard may place calls, and nobody else.</summary>
internal sealed class PhoneKey
{
    private readonly string _value = RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>What comes after the page's address.</summary>
    public string Query => $"?key={_value}";

    public void AddTo(EnvironmentCallbackContext context) => context.EnvironmentVariables["PHONE_KEY"] = _value;
}
