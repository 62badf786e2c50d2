using System.Text.Json.Nodes;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>The model as it is deployed.</summary>
public sealed class PublishTests
{
    [Fact]
    public async Task Resources_AreNeitherTunnelNorPhone()
    {
        await using var builder = await Model.CreateAsync(Publishing("unused.json"));

        Assert.Equal(["mediabridge", "redis", "webhook"], builder.Services());
    }

    [Fact]
    [Trait("Proves", "T-S3")]
    public async Task Manifest_HoldsNoSecret()
    {
        var manifest = await PublishAsync(
            ("OPENAI_API_KEY", "sk-secret"), ("TWILIO_AUTH_TOKEN", "token-secret"), ("ALLOWED_NUMBERS", "+15550100001"), ("VOICE", "cedar"));

        var text = manifest.ToJsonString();
        Assert.DoesNotContain("secret\"", text.Replace("\"secret\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("15550100001", text, StringComparison.Ordinal);
        Assert.Equal("{openai-api-key.value}", Environment(manifest, "mediabridge", "OPENAI_API_KEY"));
        Assert.Equal("{twilio-auth-token.value}", Environment(manifest, "webhook", "TWILIO_AUTH_TOKEN"));
        Assert.True((bool)manifest["resources"]!["openai-api-key"]!["inputs"]!["value"]!["secret"]!);
        // What is no secret goes along.
        Assert.Equal("cedar", (string?)manifest["resources"]!["voice"]!["inputs"]!["value"]!["default"]!["value"]);
    }

    [Fact]
    public async Task Addresses_AreTheServicesOwn()
    {
        var manifest = await PublishAsync();

        foreach (var service in new[] { "webhook", "mediabridge" })
        {
            Assert.Equal("{webhook.bindings.https.url}", Environment(manifest, service, "PUBLIC_URL"));
            Assert.Equal("wss://{mediabridge.bindings.https.host}/media-stream", Environment(manifest, service, "STREAM_URL"));
            Assert.Equal($"{{{service}.bindings.management.targetPort}}", Environment(manifest, service, "MANAGEMENT_PORT"));
            Assert.True(string.IsNullOrEmpty(Environment(manifest, service, "REALTIME_URL")));

            var bindings = manifest["resources"]![service]!["bindings"]!;
            Assert.True((bool)bindings["https"]!["external"]!);
            Assert.Null(bindings["management"]!["external"]);
            Assert.Equal(8081, (int)bindings["management"]!["targetPort"]!);
        }
    }

    [Fact]
    public async Task ForwardedHeaders_AreLeftToTheServices()
    {
        var manifest = await PublishAsync();

        Assert.Null(Environment(manifest, "webhook", "ASPNETCORE_FORWARDEDHEADERS_ENABLED"));
        Assert.Null(Environment(manifest, "mediabridge", "ASPNETCORE_FORWARDEDHEADERS_ENABLED"));
    }

    [Fact]
    public async Task Redis_HasAPassword_AndNoPublicAddress()
    {
        var manifest = await PublishAsync();

        var redis = manifest["resources"]!["redis"]!;
        Assert.Equal("{redis-password.value}", (string?)redis["env"]!["REDIS_PASSWORD"]);
        Assert.Null(redis["bindings"]!["tcp"]!["external"]);
    }

    private static string[] Publishing(string manifest) => ["--publisher", "manifest", "--output-path", manifest];

    private static string? Environment(JsonNode manifest, string service, string name) => (string?)manifest["resources"]![service]!["env"]![name];

    private static async Task<JsonNode> PublishAsync(params (string Name, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("manifest-");
        try
        {
            var file = Path.Combine(folder.FullName, "manifest.json");
            await using var builder = await Model.CreateAsync(Publishing(file), settings);
            await using var app = await builder.BuildAsync(TestTimeout.Token);
            await app.RunAsync().WaitAsync(TestTimeout.Token);
            return JsonNode.Parse(await File.ReadAllTextAsync(file, TestTimeout.Token))!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
