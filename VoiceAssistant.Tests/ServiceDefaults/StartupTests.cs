using System.Net;
using System.Net.Sockets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

/// <summary>A wrong setting ends the process with sentences, and with nothing else.</summary>
public sealed class StartupTests : IDisposable
{
    private const string Webhook = "VoiceAssistant.Webhook";
    private const string MediaBridge = "VoiceAssistant.MediaBridge";
    private const string Local = "VoiceAssistant.Local";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("startup-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory, Trait("Proves", "T-W2")]
    [InlineData(Webhook, "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "ConnectionStrings:redis")]
    [InlineData(MediaBridge, "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "ConnectionStrings:redis", "OPENAI_API_KEY")]
    public async Task Service_NamesEveryMissingSetting(string project, params string[] names)
    {
        var service = await RunAsync(project, []);

        AssertExplained(service);
        Assert.Equal(names.Select(name => $"{name} is missing"), service.Error.TrimEnd().Split('\n').Select(line => line.Split("; expected ")[0]));
    }

    [Theory]
    [InlineData(Webhook)]
    [InlineData(MediaBridge)]
    [InlineData(Local)]
    public async Task Service_NamesTheLine_OfAFaultyFile(string project)
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "VoiceAssistant.sln"), "", TestTimeout.Token);
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, ".env"), "VOICE=marin\nsecret\n", TestTimeout.Token);

        var service = await RunAsync(project, []);

        AssertExplained(service);
        Assert.Equal(
            $"{Path.Combine(_directory.FullName, ".env")}, line 2, cannot be read; expected NAME=value, a comment (#) or nothing.",
            service.Error.TrimEnd());
    }

    [Fact]
    public async Task Service_NamesTheAddress_ThatIsInUse()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        var service = await RunAsync(Webhook, new()
        {
            ["TWILIO_AUTH_TOKEN"] = "12345",
            ["PUBLIC_URL"] = "https://voice.example",
            ["ConnectionStrings__redis"] = "127.0.0.1:1",
            ["ASPNETCORE_URLS"] = $"http://{listener.LocalEndpoint}",
        });

        AssertExplained(service);
        Assert.Contains($"{listener.LocalEndpoint}: address already in use. Stop the program", service.Error, StringComparison.Ordinal);
    }

    private static void AssertExplained(ServiceProcess service)
    {
        Assert.Equal(1, service.ExitCode);
        Assert.All([service.Output, service.Error], text => Assert.DoesNotContain("   at ", text, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", service.Output + service.Error, StringComparison.Ordinal);
    }

    private Task<ServiceProcess> RunAsync(string project, Dictionary<string, string> settings) =>
        ServiceProcess.RunAsync(project, _directory.FullName, settings);
}
