using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>The model as `dotnet run` starts it.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task Resources_AreRedisTheServicesTheTunnelAndThePhone()
    {
        await using var builder = await Model.RunAsync();

        Assert.Equal(["cloudflared", "mediabridge", "phone", "redis", "webhook"], builder.Services());
        Assert.Equal(["cloudflared", "redis"], builder.Find<IResource>("webhook").WaitsFor());
        Assert.Equal(["cloudflared", "redis"], builder.Find<IResource>("mediabridge").WaitsFor());
        Assert.Equal(["cloudflared", "mediabridge", "webhook"], builder.Find<IResource>("phone").WaitsFor());
    }

    [Theory]
    [InlineData("webhook")]
    [InlineData("mediabridge")]
    [InlineData("phone")]
    [InlineData("cloudflared")]
    [InlineData("redis")]
    public async Task Health_IsKnownOfEach(string name)
    {
        await using var builder = await Model.RunAsync();

        Assert.NotEmpty(builder.Find<IResource>(name).Annotations.OfType<HealthCheckAnnotation>());
    }

    [Fact]
    public async Task Parameters_HoldNothingUp_WithoutSettings()
    {
        await using var builder = await Model.RunAsync();

        foreach (var parameter in builder.Resources.OfType<ParameterResource>())
        {
            Assert.NotNull(await parameter.GetValueAsync(TestTimeout.Token));
        }
    }

    [Theory]
    [InlineData("openai-api-key")]
    [InlineData("twilio-auth-token")]
    [InlineData("cloudflare-tunnel-token")]
    [InlineData("redis-password")]
    public async Task Secrets_AreSecret(string parameter)
    {
        await using var builder = await Model.RunAsync();

        Assert.True(Parameter(builder, parameter).Secret);
    }

    [Fact]
    public async Task AuthToken_IsOneForAll_WhereTwilioHasNone()
    {
        await using var builder = await Model.RunAsync();

        var tokens = new List<object>();
        foreach (var name in new[] { "webhook", "mediabridge", "phone" })
        {
            tokens.Add((await builder.EnvironmentAsync(builder.Find<IResource>(name)))["TWILIO_AUTH_TOKEN"]);
        }

        var token = Assert.IsType<ParameterResource>(Assert.Single(tokens.Distinct()));
        Assert.True((await token.GetValueAsync(TestTimeout.Token))!.Length >= 32);
    }

    [Fact]
    public async Task ApiKey_IsTheBridgesAlone()
    {
        await using var builder = await Model.RunAsync(("OPENAI_API_KEY", "sk-test"));

        var bridge = await builder.EnvironmentAsync(builder.Find<IResource>("mediabridge"));
        Assert.Equal("sk-test", await Assert.IsType<ParameterResource>(bridge["OPENAI_API_KEY"]).GetValueAsync(TestTimeout.Token));
        Assert.DoesNotContain("OPENAI_API_KEY", await builder.EnvironmentAsync(builder.Find<IResource>("webhook")));
        Assert.DoesNotContain("OPENAI_API_KEY", await builder.EnvironmentAsync(builder.Find<IResource>("phone")));
    }

    [Theory]
    [InlineData("", "Development", "Local")]
    [InlineData("false", "Development", "Local")]
    [InlineData("true", "Development", "Development")]
    [InlineData("true", "Production", "Local")]
    public async Task MessageContent_IsShown_WhereADeveloperAsksForIt(string value, string environment, string bridges)
    {
        const string setting = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";
        await using var builder = await Model.RunAsync((setting, value), ("environment", environment));

        var bridge = await builder.EnvironmentAsync(builder.Find<IResource>("mediabridge"));
        Assert.Equal((bridges, bridges), (bridge["DOTNET_ENVIRONMENT"], bridge["ASPNETCORE_ENVIRONMENT"]));
        Assert.Equal(bridges is "Development" ? "true" : null, bridge.GetValueOrDefault(setting));
        Assert.Equal("Local", (await builder.EnvironmentAsync(builder.Find<IResource>("webhook")))["DOTNET_ENVIRONMENT"]);
    }

    [Fact]
    public async Task OfflineAssistant_AnswersAtThePhone_WithoutAKey()
    {
        await using var builder = await Model.RunAsync();

        var bridge = await builder.EnvironmentAsync(builder.Find<IResource>("mediabridge"));
        Assert.Equal(
            "ws://{phone.bindings.assistant.host}:{phone.bindings.assistant.port}/v1/realtime",
            Assert.IsType<ReferenceExpression>(bridge["REALTIME_URL"]).ValueExpression);
        Assert.Contains("--offline-assistant", await builder.ArgumentsAsync(builder.Find<IResource>("phone")));
    }

    [Theory]
    [InlineData("OPENAI_API_KEY", "sk-test")]
    [InlineData("REALTIME_URL", "wss://example.openai.azure.com/openai/v1/realtime")]
    public async Task OfflineAssistant_IsNotThere_WithAnother(string name, string value)
    {
        await using var builder = await Model.RunAsync((name, value));

        var bridge = await builder.EnvironmentAsync(builder.Find<IResource>("mediabridge"));
        Assert.IsNotType<ReferenceExpression>(bridge.GetValueOrDefault("REALTIME_URL"));
        Assert.DoesNotContain("--offline-assistant", await builder.ArgumentsAsync(builder.Find<IResource>("phone")));
    }

    [Fact]
    public async Task Bridge_IsKnownToTheWebhook_WithItsManagementPort()
    {
        await using var builder = await Model.RunAsync();

        var webhook = await builder.EnvironmentAsync(builder.Find<IResource>("webhook"));
        Assert.Contains("services__mediabridge__http__0", webhook);
        Assert.Contains("services__mediabridge__management__0", webhook);
    }

    [Theory]
    [InlineData("webhook")]
    [InlineData("mediabridge")]
    public async Task ManagementPort_IsTheSecondEndpoints(string name)
    {
        await using var builder = await Model.RunAsync();
        var service = builder.Find<ProjectResource>(name);

        var port = Assert.IsType<EndpointReferenceExpression>((await builder.EnvironmentAsync(service))["MANAGEMENT_PORT"]);
        Assert.Equal(("management", EndpointProperty.TargetPort), (port.Endpoint.EndpointName, port.Property));
        Assert.False(service.Annotations.OfType<EndpointAnnotation>().Single(endpoint => endpoint.Name == "management").IsExternal);
    }

    [Fact]
    public async Task Replicas_AreAsManyAsSet()
    {
        await using var builder = await Model.RunAsync(("MEDIABRIDGE_REPLICAS", "3"));

        Assert.Equal(3, builder.Find<ProjectResource>("mediabridge").Annotations.OfType<ReplicaAnnotation>().Last().Replicas);
    }

    [Theory]
    [InlineData("many")]
    [InlineData("0")]
    [InlineData("11")]
    [InlineData("-1")]
    public void Replicas_AreRefusedInASentence(string count)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("MEDIABRIDGE_REPLICAS", count)]).Build();

        var fault = Assert.Throws<InvalidDataException>(() => configuration.Count("MEDIABRIDGE_REPLICAS"));

        Assert.Equal($"MEDIABRIDGE_REPLICAS is '{count}'; expected a number from 1 to 10.", fault.Message);
    }

    [Fact]
    public async Task StreamUrl_IsTheTunnelsHost_WhateverStandsInDotEnv()
    {
        await using var builder = await Model.RunAsync(("STREAM_URL", "wss://another.example/media-stream"));

        foreach (var name in new[] { "webhook", "mediabridge", "phone" })
        {
            Assert.Equal("", (await builder.EnvironmentAsync(builder.Find<IResource>(name)))["STREAM_URL"]);
        }
    }

    [Fact]
    public async Task StreamUrl_IsTheUsersOwn_WithAnAddressOfTheirs()
    {
        const string Url = "wss://bridge.example/media-stream";
        await using var builder = await Model.RunAsync(("PUBLIC_URL", "https://voice.example"), ("STREAM_URL", Url));

        foreach (var name in new[] { "webhook", "mediabridge" })
        {
            var url = (await builder.EnvironmentAsync(builder.Find<IResource>(name)))["STREAM_URL"];
            Assert.Equal(Url, await Assert.IsType<ParameterResource>(url).GetValueAsync(TestTimeout.Token));
        }
    }

    [Fact]
    public async Task PublicUrl_IsTheTunnels()
    {
        await using var builder = await Model.RunAsync();
        var address = builder.Find<IResource>("cloudflared").Address();

        foreach (var name in new[] { "webhook", "mediabridge", "phone" })
        {
            Assert.Same(address, (await builder.EnvironmentAsync(builder.Find<IResource>(name)))["PUBLIC_URL"]);
        }

        address.Set("https://first.trycloudflare.com");
        address.Set("https://second.trycloudflare.com");
        Assert.Equal("https://second.trycloudflare.com", await address.GetValueAsync(TestTimeout.Token));
    }

    // A quick tunnel's address is a host; a named one's may have a path, which the tunnel passes on.
    [Theory]
    [InlineData("")]
    [InlineData("/voice/v1.0")]
    [Trait("Proves", "T-S4")]
    public async Task Tunnel_LeadsToThePathsThatArePublic(string basePath)
    {
        await using var builder = await (basePath is "" ? Model.RunAsync() : Model.RunAsync(("CLOUDFLARE_TUNNEL_TOKEN", "eyJ0"), ("PUBLIC_URL", $"https://voice.example{basePath}/")));
        var tunnel = builder.Find<ContainerResource>("cloudflared");
        Allocate(builder.Find<ProjectResource>("webhook"), 1001);
        Allocate(builder.Find<ProjectResource>("mediabridge"), 1002);

        var files = tunnel.Annotations.OfType<ContainerFileSystemCallbackAnnotation>().Single();
        var context = new ContainerFileSystemCallbackContext { Services = new ServiceCollection().BuildServiceProvider(), Model = tunnel };
        var config = Assert.IsType<ContainerFile>(Assert.Single(await files.Callback(context, TestTimeout.Token)));

        Assert.Equal(
            $"""
            ingress:
              - path: ^{basePath.Replace(".", @"\.", StringComparison.Ordinal)}/media-stream$
                service: http://inside:1002
              - path: ^{basePath.Replace(".", @"\.", StringComparison.Ordinal)}/(incoming-call|stream-ended/[1-9](/rescue)?|stream-status/[1-9]|health|alive)$
                service: http://inside:1001
              - service: http_status:404

            """,
            config.Contents,
            ignoreLineEndingDifferences: true);
        Assert.Contains($"{files.DestinationPath}/{config.Name}", await builder.ArgumentsAsync(tunnel));
    }

    [Fact]
    public async Task Tunnel_IsQuick_WithoutAToken()
    {
        await using var builder = await Model.RunAsync();
        var tunnel = builder.Find<ContainerResource>("cloudflared");

        Assert.Contains("--url", await builder.ArgumentsAsync(tunnel));
        Assert.DoesNotContain("TUNNEL_TOKEN", await builder.EnvironmentAsync(tunnel));
    }

    [Fact]
    public async Task Tunnel_HasItsTokenInTheEnvironment_NotOnTheCommandLine()
    {
        await using var builder = await Model.RunAsync(("CLOUDFLARE_TUNNEL_TOKEN", "eyJ0"), ("PUBLIC_URL", "https://voice.example"));
        var tunnel = builder.Find<ContainerResource>("cloudflared");

        Assert.Equal("run", (await builder.ArgumentsAsync(tunnel))[^1]);
        Assert.IsType<ParameterResource>((await builder.EnvironmentAsync(tunnel))["TUNNEL_TOKEN"]);
    }

    [Fact]
    public void Tunnel_IsRefusedInASentence_WithATokenAndNoAddress()
    {
        var builder = DistributedApplication.CreateBuilder(["--CLOUDFLARE_TUNNEL_TOKEN=eyJ0", "--PUBLIC_URL="]);

        var fault = Assert.Throws<InvalidDataException>(() => builder.AddVoiceAssistant());

        Assert.StartsWith("CLOUDFLARE_TUNNEL_TOKEN is set, but PUBLIC_URL is not; ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis", "redis")]
    [InlineData("cloudflared", "cloudflared")]
    public async Task Image_IsWhatTheScriptMakes_WhereNoneCanBePulled(string resource, string variable)
    {
        await using var builder = await Model.RunAsync();
        var image = builder.Find<IResource>(resource).Annotations.OfType<ContainerImageAnnotation>().Last();

        var script = await File.ReadAllTextAsync(Path.Combine(Root(), "scripts", "container-engine"), TestTimeout.Token);

        // Docker's own names, in full and as they are written.
        Assert.Contains($"\n{variable}={image.Image.Replace("library/", "", StringComparison.Ordinal)}:{image.Tag}\n", script, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tunnel_IsLeftOut_WhereTheUserHasAnAddress()
    {
        await using var builder = await Model.RunAsync(("PUBLIC_URL", "https://voice.example"));

        Assert.DoesNotContain("cloudflared", builder.Services());
        var url = Assert.IsType<ParameterResource>((await builder.EnvironmentAsync(builder.Find<IResource>("webhook")))["PUBLIC_URL"]);
        Assert.Equal("https://voice.example", await url.GetValueAsync(TestTimeout.Token));
    }

    [Fact]
    public async Task Resources_NeedNoContainer_WithoutAnEngine()
    {
        await using var builder = await Model.RunAsync(("USE_CONTAINERS", "false"), ("PATH", ""));

        Assert.Equal(["mediabridge", "phone", "redis", "webhook"], builder.Services());
        Assert.Empty(builder.Resources.OfType<ContainerResource>());
        Assert.Equal(
            "{redis.bindings.tcp.host}:{redis.bindings.tcp.port},password={redis-password.value}", builder.Find<GarnetResource>("redis").ConnectionStringExpression.ValueExpression);
        foreach (var name in new[] { "webhook", "mediabridge", "phone" })
        {
            var environment = await builder.EnvironmentAsync(builder.Find<IResource>(name));
            Assert.Equal(("webhook", "http"), Assert.IsType<EndpointReference>(environment["PUBLIC_URL"]) is var url ? (url.Resource.Name, url.EndpointName) : default);
            Assert.Equal("", environment["STREAM_URL"]);
        }
    }

    [Theory]
    [InlineData("", "--url")]
    [InlineData("eyJ0", "run")]
    public async Task Tunnel_IsTheProgramOnThePath_WithoutAnEngine(string token, string argument)
    {
        var folder = Directory.CreateTempSubdirectory("path-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, OperatingSystem.IsWindows() ? "cloudflared.exe" : "cloudflared"), "", TestTimeout.Token);
            await using var builder = await Model.RunAsync(
                ("USE_CONTAINERS", "false"), ("PATH", folder.FullName), ("CLOUDFLARE_TUNNEL_TOKEN", token), ("PUBLIC_URL", token is "" ? "" : "https://voice.example"));

            var tunnel = builder.Find<ExecutableResource>("cloudflared");

            Assert.Equal(folder.FullName, Path.GetDirectoryName(tunnel.Command));
            Assert.Contains(argument, tunnel.Annotations.OfType<CommandLineArgsCallbackAnnotation>().Last() is { } last ? await LastArgumentsAsync(last, tunnel) : []);
            Assert.Equal(token is not "", (await builder.EnvironmentAsync(tunnel)).ContainsKey("TUNNEL_TOKEN"));
            Assert.Same(tunnel.Address(), (await builder.EnvironmentAsync(builder.Find<IResource>("webhook")))["PUBLIC_URL"]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static async Task<IEnumerable<object>> LastArgumentsAsync(CommandLineArgsCallbackAnnotation arguments, IResource resource)
        {
            var context = new CommandLineArgsCallbackContext([], resource, TestTimeout.Token);
            await arguments.Callback(context);
            return context.Args;
        }
    }

    [Theory]
    [InlineData("webhook")]
    [InlineData("mediabridge")]
    [InlineData("phone")]
    public async Task Queries_AreRedactedInTraces(string service)
    {
        await using var builder = await Model.RunAsync();

        // Aspire asks every project in Development to show them.
        Assert.DoesNotContain((await builder.EnvironmentAsync(builder.Find<IResource>(service))).Keys, name => name.EndsWith("DISABLE_URL_QUERY_REDACTION", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Parameters_AreDescribed()
    {
        await using var builder = await Model.RunAsync();

        Assert.All(builder.Resources.OfType<ParameterResource>().Where(parameter => parameter.Name != "redis-password"), parameter => Assert.NotEmpty(parameter.Description!));
    }

    [Theory]
    [InlineData("cloudflared", "point-twilio-here")]
    [InlineData("cloudflared", "undo-point-twilio-here")]
    [InlineData("mediabridge", "drain")]
    [InlineData("phone", "test-call")]
    public async Task Command_IsOfferedWhereItBelongs(string resource, string command)
    {
        await using var builder = await Model.RunAsync();

        Assert.Contains(builder.Find<IResource>(resource).Annotations.OfType<ResourceCommandAnnotation>(), offered => offered.Name == command);
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "VoiceAssistant.sln")))
        {
            folder = Path.GetDirectoryName(folder.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new InvalidOperationException("The tests run outside of the solution.");
        }

        return folder;
    }

    private static ParameterResource Parameter(IDistributedApplicationBuilder builder, string name) =>
        builder.Resources.OfType<ParameterResource>().SingleOrDefault(parameter => parameter.Name == name)
        // Redis's own, which is added when the model is complete.
        ?? builder.Find<RedisResource>("redis").PasswordParameter!;

    private static void Allocate(ProjectResource service, int port)
    {
        var endpoint = service.Annotations.OfType<EndpointAnnotation>().Single(endpoint => endpoint.Name == "http");
        endpoint.AllAllocatedEndpoints.AddOrUpdateAllocatedEndpoint(
            KnownNetworkIdentifiers.DefaultAspireContainerNetwork,
            new AllocatedEndpoint(endpoint, "inside", port, EndpointBindingMode.SingleAddress, null, KnownNetworkIdentifiers.DefaultAspireContainerNetwork));
    }
}
