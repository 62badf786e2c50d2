using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Aspire.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>What a start finds on the machine, and how it ends where it cannot go on.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("""{"containers":{"runtime":"docker","installed":true,"running":true}}""", false, true, "")]
    [InlineData(
        """{"containers":{"runtime":"docker","installed":true,"running":false,"error":"exit code 1\nerror\nCannot connect to the Docker daemon."}}""",
        false, false, "docker is installed but does not work (Cannot connect to the Docker daemon)")]
    [InlineData("""{"containers":{"runtime":"docker","installed":true,"running":false}}""", false, false, "docker is installed but does not work (it does not say why)")]
    [InlineData("""{"containers":{"runtime":"docker","installed":false,"running":false,"error":"not found"}}""", false, false, "neither Docker nor Podman is installed")]
    [InlineData("""{"containers":{"runtime":"podman","installed":false,"running":false,"error":"not found"}}""", true, false, "podman is not installed")]
    [InlineData("{}", false, false, "neither Docker nor Podman is installed")]
    public void Engine_IsUsed_IfItWorks(string information, bool isNamed, bool isUsable, string finding) =>
        Assert.Equal(new ContainerRuntime(isUsable, finding), ContainerRuntime.Judge(information, isNamed));

    [Fact]
    public void Engine_IsJudgedByTheOrchestrator()
    {
        var found = ContainerRuntime.Ask(new ConfigurationManager(), TestTimeout.Value);

        // Whatever there is on this machine, it is known, and of what is not there the reason.
        Assert.Equal(found.IsUsable, found.Finding is "");
        Assert.DoesNotContain("did not answer", found.Finding, StringComparison.Ordinal);
        Assert.DoesNotContain("orchestrator", found.Finding, StringComparison.Ordinal);
        Assert.True(found.IsUsable || Environment.GetEnvironmentVariable("CLOUDFLARED_IS_STAND_IN") is not "true", "The engine of scripts/container-engine runs.");
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("False", false)]
    public void Engine_IsNotAskedFor_WhereTheUserDecides(string value, bool expected) =>
        Assert.Equal(expected, ContainerRuntime.Find(Settings(("USE_CONTAINERS", value))).IsUsable);

    [Theory]
    [InlineData("USE_CONTAINERS", "maybe", "USE_CONTAINERS is 'maybe'; expected true, false, or nothing to use containers where Docker or Podman runs.")]
    [InlineData("ASPIRE_CONTAINER_RUNTIME", "nerdctl", "ASPIRE_CONTAINER_RUNTIME is 'nerdctl'; expected docker, podman, or nothing for whichever runs.")]
    public void WrongSetting_IsASentence(string name, string value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<InvalidDataException>(() => ContainerRuntime.Find(Settings((name, value)))).Message);

    [Fact]
    public void PortInUse_IsASentence_WithItsUser()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var builder = DistributedApplication.CreateBuilder();
        builder.Configuration["ASPNETCORE_URLS"] = $"http://localhost:{port}";
        builder.AddContainer("phone", "phone").WithHttpEndpoint(port: port, targetPort: 1);

        var fault = Assert.Throws<InvalidDataException>(builder.CheckPorts);

        Assert.StartsWith($"In use already: port {port} (the dashboard), {port} (phone). Stop the program that listens there", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_IsExplained_WhereTheReaderCanMendIt()
    {
        Assert.Equal("A setting.", StartFault.Explain(new AggregateException(new InvalidDataException("A setting."))));
        Assert.Contains("dotnet dev-certs https --trust", StartFault.Explain(new InvalidOperationException("No server certificate was specified.") { Source = "Microsoft.AspNetCore.Server.Kestrel.Core" }), StringComparison.Ordinal);
        Assert.StartsWith(
            "Failed to bind to address http://127.0.0.1:20100: address already in use. Stop the program",
            StartFault.Explain(new AggregateException(new IOException("Failed to bind to address http://127.0.0.1:20100: address already in use.", new AddressInUseException("")))),
            StringComparison.Ordinal);
        Assert.Null(StartFault.Explain(new InvalidOperationException("A mistake of ours.")));
        Assert.Null(StartFault.Explain(new InvalidOperationException("Another of Kestrel's.") { Source = "Microsoft.AspNetCore.Server.Kestrel.Core" }));
        Assert.Null(StartFault.Explain(new AggregateException(new JsonException(), new InvalidDataException())));
    }

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))).Build();
}
