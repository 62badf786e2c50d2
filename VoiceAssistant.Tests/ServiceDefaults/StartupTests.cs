using System.Net;
using System.Net.Sockets;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

/// <summary>A wrong setting ends the process with sentences, and with nothing else.</summary>
public sealed class StartupTests : IDisposable
{
    private const string Webhook = "VoiceAssistant.Webhook";
    private const string MediaBridge = "VoiceAssistant.MediaBridge";
    private const string LocalSystem = "VoiceAssistant.Local";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("startup-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [Trait("Proves", "T-W2")]
    [InlineData(Webhook, "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "ConnectionStrings:redis")]
    [InlineData(MediaBridge, "TWILIO_AUTH_TOKEN", "PUBLIC_URL", "ConnectionStrings:redis", "OPENAI_API_KEY")]
    public async Task Service_NamesEveryMissingSetting(string project, params string[] names)
    {
        var service = await RunAsync(project, []);

        AssertExplained(service);
        Assert.Equal(names.Select(name => $"{name} is missing"), service.Error.TrimEnd().Split('\n').Select(line => line.Split("; expected ")[0]));
    }

    [Theory]
    [Trait("Proves", "T-W2")]
    [Trait("Proves", "T-S7")]
    [InlineData(Webhook, "MANAGEMENT_PORT is '0'", "TWILIO_AUTH_TOKEN is missing", "PUBLIC_URL leads to", "ConnectionStrings:redis is missing")]
    [InlineData(MediaBridge,
        "MANAGEMENT_PORT is '0'", "TWILIO_AUTH_TOKEN is missing", "PUBLIC_URL leads to", "ConnectionStrings:redis is missing",
        "HANDSHAKE_SIGNATURE is 'No'", "MAX_CALLS is '0'", "DRAIN_SECONDS is '9'", "OPENAI_API_KEY is missing")]
    public async Task Service_RefusesADevelopersTunnel_InProduction_WithAllOtherFaults(string project, params string[] faults)
    {
        var service = await RunAsync(project, Faulty("https://some-words.trycloudflare.com"));

        AssertExplained(service);
        var lines = service.Error.TrimEnd().Split('\n');
        Assert.Equal(faults.Length, lines.Length);
        Assert.All(faults, fault => Assert.Contains(lines, line => line.StartsWith(fault, StringComparison.Ordinal)));
    }

    [Theory]
    [Trait("Proves", "T-W2")]
    [InlineData(Webhook)]
    [InlineData(MediaBridge)]
    public async Task Service_RefusesWhatIsNotEncrypted(string project)
    {
        var service = await RunAsync(project, Faulty("http://voice.example"));

        AssertExplained(service);
        Assert.Contains("PUBLIC_URL is 'http://voice.example', which is not encrypted", service.Error, StringComparison.Ordinal);
    }

    // A variable with nothing behind it gives the environment no name at all.
    [Theory]
    [Trait("Proves", "T-S7")]
    [InlineData("Production", true)]
    [InlineData("", true)]
    [InlineData("Development", false)]
    public async Task Service_RefusesADevelopersTunnel_AsTheEnvironmentSays(string environment, bool isRefused)
    {
        var settings = Faulty("https://some-words.trycloudflare.com");
        settings["ASPNETCORE_ENVIRONMENT"] = environment;

        var service = await RunAsync(Webhook, settings);

        AssertExplained(service);
        Assert.Equal(isRefused, service.Error.Contains("trycloudflare", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("Proves", "T-S4")]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1:0;http://127.0.0.1:0")]
    [InlineData("http://127.0.0.1:{0}")]
    public async Task Service_NamesTheManagementPort_WhereItIsNotOneOfTwo(string urls)
    {
        var port = $"{LoopbackPort.Free()}";

        var service = await RunAsync(Webhook, new()
        {
            ["TWILIO_AUTH_TOKEN"] = "12345",
            ["PUBLIC_URL"] = "https://voice.example",
            ["ConnectionStrings__redis"] = "127.0.0.1:1",
            ["MANAGEMENT_PORT"] = port,
            ["ASPNETCORE_URLS"] = urls.Replace("{0}", port, StringComparison.Ordinal),
        });

        AssertExplained(service);
        Assert.StartsWith($"MANAGEMENT_PORT is {port}, but this service listens on http://127.0.0.1:", service.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Webhook)]
    [InlineData(MediaBridge)]
    [InlineData(LocalSystem)]
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

    [Theory]
    [InlineData("5101", "Invalid url: '5101'")]
    [InlineData("https://127.0.0.1:0", "Unable to configure HTTPS endpoint.")]
    [InlineData("http://127.0.0.1/path", "A path base can only be configured using IApplicationBuilder.UsePathBase().")]
    public async Task Service_NamesTheAddress_ThatItCannotListenOn(string urls, string explanation)
    {
        var service = await RunAsync(Webhook, new()
        {
            ["TWILIO_AUTH_TOKEN"] = "12345",
            ["PUBLIC_URL"] = "https://voice.example",
            ["ConnectionStrings__redis"] = "127.0.0.1:1",
            ["ASPNETCORE_URLS"] = urls,
        });

        AssertExplained(service);
        Assert.StartsWith(explanation, service.Error, StringComparison.Ordinal);
    }

    private static void AssertExplained(ServiceProcess service)
    {
        Assert.Equal(1, service.ExitCode);
        Assert.All([service.Output, service.Error], text => Assert.DoesNotContain("   at ", text, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", service.Output + service.Error, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Faulty(string publicUrl) => new()
    {
        ["PUBLIC_URL"] = publicUrl,
        ["MANAGEMENT_PORT"] = "0",
        ["HANDSHAKE_SIGNATURE"] = "No",
        ["MAX_CALLS"] = "0",
        ["DRAIN_SECONDS"] = "9",
    };

    private Task<ServiceProcess> RunAsync(string project, Dictionary<string, string> settings) =>
        ServiceProcess.RunAsync(project, _directory.FullName, settings);
}
