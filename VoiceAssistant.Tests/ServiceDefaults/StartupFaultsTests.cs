using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

public sealed class StartupFaultsTests : IDisposable
{
    private static readonly OptionsValidationException Twilio = new("", typeof(object), ["TWILIO_AUTH_TOKEN is missing.", "PUBLIC_URL is missing."]);
    private static readonly OptionsValidationException Redis = new("", typeof(object), ["ConnectionStrings:redis is missing."]);

    private readonly LogRecorder _log = new();

    public void Dispose() => _log.Dispose();

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

    [Fact]
    public void PortThatIsKeptForOthers_IsExplained()
    {
        var refusal = new SocketException((int)SocketError.AccessDenied);

        Assert.Equal(
            [$"{refusal.Message.TrimEnd('.')}. This program may not use this port: choose another one, above 1023."], StartupFaults.Explain(refusal));
        Assert.Equal(
            ["Failed to bind to address http://localhost:80. This program may not use this port: choose another one, above 1023."],
            StartupFaults.Explain(new IOException("Failed to bind to address http://localhost:80.", new AggregateException(refusal, refusal))));
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
        var app = Build(stopping => Task.Delay(Timeout.InfiniteTimeSpan, stopping));
        app.Lifetime.ApplicationStarted.Register(app.Lifetime.StopApplication);

        Assert.Equal(0, await StartupFaults.RunOrExplainAsync(() => app).WaitAsync(TestTimeout.Token));
        Assert.Empty(_log.Errors);
    }

    [Fact]
    public async Task Service_TellsWhy_WhereItFailsWhileItStarts()
    {
        Assert.Equal(1, await StartupFaults.RunOrExplainAsync(() => Build(_ => throw new InvalidOperationException("A fault"))).WaitAsync(TestTimeout.Token));
        AssertTold();
    }

    // A request that takes too long is cancelled, too, and that is no wish to stop.
    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(TaskCanceledException))]
    public async Task Service_TellsWhy_WhereItStopsByItself(Type fault)
    {
        var execution = new TaskCompletionSource();
        await using var app = Build(async _ =>
        {
            await execution.Task;
            throw (Exception)Activator.CreateInstance(fault, "A fault")!;
        });
        await app.StartAsync(TestTimeout.Token);

        var exit = StartupFaults.WaitForExitAsync(app, TestTimeout.Token);
        execution.SetResult();

        Assert.Equal(1, await exit.WaitAsync(TestTimeout.Token));
        AssertTold();
    }

    [Fact]
    public async Task Service_Throws_WhatIsOursToMend()
    {
        static WebApplication Build() => throw new InvalidOperationException("No service");

        await Assert.ThrowsAsync<InvalidOperationException>(() => StartupFaults.RunOrExplainAsync(Build));
    }

    private void AssertTold() =>
        Assert.Equal(LogLevel.Critical, Assert.Single(_log.All, line => line.Text.Contains("A fault", StringComparison.Ordinal)).Level);

    private WebApplication Build(Func<CancellationToken, Task> execute)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.AddServiceDefaults();
        builder.Services.AddHostedService(_ => new Service(execute));
        return builder.Build();
    }

    private sealed class Service(Func<CancellationToken, Task> execute) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => execute(stoppingToken);
    }
}
