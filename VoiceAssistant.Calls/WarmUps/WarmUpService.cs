using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace VoiceAssistant.Calls.WarmUps;

/// <summary>Goes the way of a call before the service listens: the first callers would wait while that is compiled, and hear an apology.</summary>
/// <remarks>
/// The service's own parts once more, with settings of their own and keys of their own in Redis, on a port of this machine. No log, span or metric tells of
/// it: it has no log, and it is over before the service's telemetry begins.
/// </remarks>
internal sealed partial class WarmUpService(WarmUp warmUp, IServiceProvider services, ILogger<WarmUpService> logger) : IHostedLifecycleService
{
    // The first one may be too slow for its own patience with Redis.
    private const int Calls = 3;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    // A process is cold only once.
    private static readonly ConcurrentDictionary<Type, bool> WarmedUp = new();

    // Not before it is known that all settings are right; and not later, when somebody listens.
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (!WarmedUp.TryAdd(warmUp.GetType(), true))
        {
            return;
        }

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            await RunAsync(timeout.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: calls can be answered without a warm-up.
            LogFailed(exception.Message);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        // Resolving connects, which blocks for as long as the connect timeout.
        var redis = await Task.Run(services.GetRequiredService<IConnectionMultiplexer>, cancellationToken);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var url = new Uri($"http://{listener.LocalEndPoint}");
        var authToken = RandomNumberGenerator.GetHexString(32, lowercase: true);

        await using var app = Build(listener, url, authToken, redis);
        await app.StartAsync(cancellationToken);
        for (var call = 1; call <= Calls; call++)
        {
            var context = new WarmUpContext(url, authToken, app.Services);
            try
            {
                await warmUp.CallAsync(context, cancellationToken);
            }
            catch (Exception) when (call < Calls && !cancellationToken.IsCancellationRequested)
            {
                // The next one, then.
            }
            finally
            {
                // Where Redis is away, the call's own fault says so; the keys expire.
                await context.ForgetAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        await app.StopAsync(cancellationToken);
    }

    private WebApplication Build(Socket listener, Uri url, string authToken, IConnectionMultiplexer redis)
    {
        // Empty: nothing of this process's settings, nor of its log.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "WarmUp" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(warmUp.Settings(url))
        {
            ["ConnectionStrings:redis"] = "localhost",
            [TwilioOptions.AuthTokenName] = authToken,
            [TwilioOptions.PublicUrlName] = WarmUpContext.PublicUrl,
        });
        builder.WebHost.UseKestrelCore().UseUrls($"{url}");
        // Its port is known before the settings are.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = _ => listener);
        // A signal stops the service, which cancels the warm-up; by itself it would look like a fault.
        builder.Services.AddSingleton<IHostLifetime, StartersLifetime>();
        builder.Services.AddRouting();
        warmUp.Add(builder);
        builder.Services.AddSingleton(WarmUpContext.Redis(redis));

        var app = builder.Build();
        warmUp.Map(app);
        return app;
    }

    [LoggerMessage(1, LogLevel.Warning, "The first callers may wait longer than others, as the warm-up failed: {Fault}", EventName = "WarmUpFailed")]
    private partial void LogFailed(string fault);
}
