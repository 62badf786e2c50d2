using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using VoiceAssistant.Calls;
using VoiceAssistant.Local;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Tests.ServiceDefaults;

/// <summary>.env.example is the list of all settings: one that is missing there would be called unknown in .env.</summary>
public sealed partial class SettingNamesTests
{
    // One part of the system gives them to another, and no user sets them.
    private static readonly string[] NotTheUsers = ["OFFLINE_ASSISTANT_PORT", "PHONE_KEY", "TUNNEL_TOKEN", "WEBHOOK_URL"];

    public static TheoryData<string> OfTheOptions =>
    [
        .. new[] { typeof(ManagementOptions), typeof(TwilioOptions), typeof(IncomingCallOptions), typeof(StreamOptions), typeof(LocalOptions) }
            .SelectMany(type => type.Assembly.GetTypes())
            .SelectMany(type => type.GetProperties())
            .Select(property => property.GetCustomAttribute<ConfigurationKeyNameAttribute>()?.Name)
            .OfType<string>()
            .Where(name => char.IsUpper(name[0]))
            .Distinct(),
    ];

    public static TheoryData<string> OfTheAppHost =>
    [
        .. SourceCopy.FindRoot().GetDirectories("VoiceAssistant.AppHost").Single().GetFiles("*.cs")
            .SelectMany(file => Literal().Matches(File.ReadAllText(file.FullName)))
            .Select(literal => literal.Groups[1].Value)
            .Except(NotTheUsers)
            .Distinct(),
    ];

    public static TheoryData<string> OfCompose =>
    [
        .. Variable().Matches(File.ReadAllText(Path.Combine(SourceCopy.FindRoot().FullName, "deploy", "compose.yaml"))).Select(variable => variable.Groups[1].Value).Distinct(),
    ];

    [Theory]
    [MemberData(nameof(OfTheOptions))]
    [MemberData(nameof(OfTheAppHost))]
    [MemberData(nameof(OfCompose))]
    public void Setting_IsKnown(string name) => Assert.True(SettingNames.IsKnown(name), $"{name} is read, and .env.example does not have it.");

    [Theory]
    [InlineData("voice")]
    [InlineData("TEMPERATURE")]
    [InlineData("ASPNETCORE_URLS")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("Logging__LogLevel__Default")]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("ConnectionStrings__redis")]
    [InlineData("services__mediabridge__management__0")]
    [InlineData("COMPOSE_PROJECT_NAME")]
    public void NameOfAFramework_IsKnown(string name) => Assert.True(SettingNames.IsKnown(name));

    [Theory]
    [InlineData("SYSTEM_MESAGE", "SYSTEM_MESSAGE")]
    [InlineData("system_mesage", "SYSTEM_MESSAGE")]
    [InlineData("SYSTEMMESSAGE", "SYSTEM_MESSAGE")]
    [InlineData("OPENAI_APIKEY", "OPENAI_API_KEY")]
    [InlineData("OPEN_AI_API_KEY", "OPENAI_API_KEY")]
    [InlineData("OPENAI_KEY", "OPENAI_API_KEY")]
    [InlineData("OPENIA_API_KEY", "OPENAI_API_KEY")]
    [InlineData("TWILIO_TOKEN", "TWILIO_AUTH_TOKEN")]
    [InlineData("TWILIO_SID", "TWILIO_ACCOUNT_SID")]
    [InlineData("GREETINGS", "GREETING")]
    [InlineData("VOCIE", "VOICE")]
    [InlineData("PROT", "PORT")]
    [InlineData("HOST", null)]
    [InlineData("NOISE", null)]
    [InlineData("KEY", null)]
    [InlineData("FOO", null)]
    [InlineData("AWS_REGION", null)]
    public void Closest_IsWhatWasMeant(string name, string? meant)
    {
        Assert.False(SettingNames.IsKnown(name));
        Assert.Equal(meant, SettingNames.Closest(name, _ => true));
    }

    [GeneratedRegex("\"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\$\{([A-Z_]+)")]
    private static partial Regex Variable();
}
