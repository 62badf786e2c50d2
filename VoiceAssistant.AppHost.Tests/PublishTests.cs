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
    public async Task Manifest_HoldsRedisAndBothServices_AndWhatIsToBeAskedFor()
    {
        var resources = (await PublishAsync()).AsObject()["resources"]!.AsObject();

        Assert.Equal(
            [("mediabridge", "project.v0"), ("redis", "container.v0"), ("webhook", "project.v0")],
            resources.Select(resource => (resource.Key, (string)resource.Value!["type"]!)).Where(resource => resource.Item2.StartsWith("project", StringComparison.Ordinal) || resource.Item2.StartsWith("container", StringComparison.Ordinal)).Order());
        Assert.Equal(
            ["openai-api-key", "redis-password", "twilio-auth-token"],
            resources.Where(resource => (string)resource.Value!["type"]! == "parameter.v0").Select(resource => resource.Key).Order());
        // What Aspire reckons with them.
        Assert.Equal(["redis-password-uri-encoded"], resources.Where(resource => (string)resource.Value!["type"]! == "annotated.string").Select(resource => resource.Key));
        Assert.All(resources, resource => Assert.Contains((string)resource.Value!["type"]!, (string[])["project.v0", "container.v0", "parameter.v0", "annotated.string", "value.v0"]));

        var text = resources.ToJsonString();
        Assert.DoesNotContain("phone", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("cloudflare", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    [Trait("Proves", "T-S3")]
    public async Task Manifest_HoldsNoSecret()
    {
        (string Name, string Value)[] secrets =
        [
            ("OPENAI_API_KEY", "sk-hidden1"), ("TWILIO_AUTH_TOKEN", "hidden2"), ("TWILIO_API_KEY_SECRET", "hidden3"), ("CLOUDFLARE_TUNNEL_TOKEN", "hidden4"),
            ("ALLOWED_NUMBERS", "+15550100001"), ("TWILIO_PHONE_NUMBER", "+15550100002"),
        ];
        var manifest = await PublishAsync([.. secrets, ("VOICE", "cedar")]);

        // JSON writes a + as an escape.
        var text = manifest.ToJsonString();
        Assert.All(secrets, secret => Assert.DoesNotContain(secret.Value.TrimStart('+'), text, StringComparison.Ordinal));
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

    internal static async Task<JsonNode> PublishAsync(params (string Name, string Value)[] settings)
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
