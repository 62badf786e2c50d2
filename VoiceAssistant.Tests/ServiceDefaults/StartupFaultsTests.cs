using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.Tests.ServiceDefaults;

public sealed class StartupFaultsTests
{
    private static readonly OptionsValidationException Twilio = new("", typeof(object), ["TWILIO_AUTH_TOKEN is missing.", "PUBLIC_URL is missing."]);
    private static readonly OptionsValidationException Redis = new("", typeof(object), ["ConnectionStrings:redis is missing."]);

    [Fact]
    public void WrongSettings_AreExplained_OneByOne() =>
        Assert.Equal(["TWILIO_AUTH_TOKEN is missing.", "PUBLIC_URL is missing."], StartupFaults.Explain(Twilio));

    [Fact]
    public void WrongSettings_AreExplained_OfAllKindsAtOnce() => Assert.Equal(
        ["TWILIO_AUTH_TOKEN is missing.", "PUBLIC_URL is missing.", "ConnectionStrings:redis is missing."],
        StartupFaults.Explain(new AggregateException(Twilio, Redis)));

    [Fact]
    public void WrongFile_IsExplained() =>
        Assert.Equal([".env, line 3, cannot be read."], StartupFaults.Explain(new InvalidDataException(".env, line 3, cannot be read.")));

    [Fact]
    public void PortInUse_IsExplained()
    {
        var exception = new IOException(
            "Failed to bind to address http://127.0.0.1:5050: address already in use.",
            new AddressInUseException("In use", new SocketException((int)SocketError.AddressAlreadyInUse)));

        Assert.Equal(
            ["Failed to bind to address http://127.0.0.1:5050: address already in use. Stop the program that uses this port, or choose another one."],
            StartupFaults.Explain(exception));
    }

    // These are ours to mend, and their stack traces help.
    [Fact]
    public void Anything_Else_IsNotExplained()
    {
        Assert.Null(StartupFaults.Explain(new InvalidOperationException("No service")));
        Assert.Null(StartupFaults.Explain(new IOException("The disk is full")));
        Assert.Null(StartupFaults.Explain(new IOException("Failed", new IOException("Failed", new SocketException((int)SocketError.ConnectionReset)))));
        Assert.Null(StartupFaults.Explain(new AggregateException(Twilio, new InvalidOperationException("No service"))));
        Assert.Null(StartupFaults.Explain(new OperationCanceledException()));
    }

    [Fact]
    public async Task Service_Runs_UntilItIsStopped()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Lifetime.ApplicationStarted.Register(app.Lifetime.StopApplication);

        Assert.Equal(0, await StartupFaults.RunOrExplainAsync(() => app));
    }

    [Fact]
    public async Task Service_Throws_WhatIsOursToMend()
    {
        static WebApplication Build() => throw new InvalidOperationException("No service");

        await Assert.ThrowsAsync<InvalidOperationException>(() => StartupFaults.RunOrExplainAsync(Build));
    }
}
