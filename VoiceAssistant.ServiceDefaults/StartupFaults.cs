using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace VoiceAssistant;

/// <summary>A wrong setting is the reader's to mend: they get sentences, not a stack trace.</summary>
public static partial class StartupFaults
{
    /// <summary>Builds the service and runs it until it is stopped.</summary>
    /// <inheritdoc cref="RunOrExplainAsync(Func{Task{int}})" path="/returns"/>
    public static Task<int> RunOrExplainAsync(Func<WebApplication> build) => RunOrExplainAsync(async () =>
    {
        await using var app = build();
        try
        {
            await app.StartAsync();
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // It was stopped before it had started, by a signal or by a service of its own that failed.
            return await ExitAsync(app, Failed(app, isStopping: true));
        }

        return await WaitForExitAsync(app);
    });

    /// <summary>As <c>WaitForShutdownAsync</c>, but looks why the application stops.</summary>
    /// <inheritdoc cref="RunOrExplainAsync(Func{Task{int}})" path="/returns"/>
    public static async Task<int> WaitForExitAsync(WebApplication app, CancellationToken cancellationToken = default)
    {
        // Then the services were cancelled already.
        var isStopping = app.Lifetime.ApplicationStopping.IsCancellationRequested;
        var failed = new TaskCompletionSource<BackgroundService[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stop = app.Lifetime.ApplicationStopping.Register(() => failed.TrySetResult(Failed(app, isStopping)));
        await using var cancellation = cancellationToken.Register(app.Lifetime.StopApplication);
        var exitCode = await ExitAsync(app, await failed.Task);
        await app.StopAsync(CancellationToken.None);
        return exitCode;
    }

    /// <returns>
    /// The process's exit code: 1 where it could not start, after all faults were written to the error stream, and where it stopped although nobody asked it
    /// to, after the fault was logged.
    /// </returns>
    public static async Task<int> RunOrExplainAsync(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception exception) when (Explain(exception) is { } sentences)
        {
            foreach (var sentence in sentences)
            {
                await Console.Error.WriteLineAsync(sentence);
            }

            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped before it was ready.");
            return 1;
        }
    }

    /// <returns>What the reader can do about it, a sentence each; null for an exception that is not about settings.</returns>
    public static IReadOnlyList<string>? Explain(Exception exception) => exception switch
    {
        OptionsValidationException options => [.. options.Failures],
        AggregateException { InnerExceptions: var all } when all.All(inner => inner is OptionsValidationException) =>
            [.. all.Cast<OptionsValidationException>().SelectMany(options => options.Failures)],
        InvalidDataException data => [data.Message],
        _ when IsAddressInUse(exception) => [$"{exception.Message.TrimEnd('.')}. Stop the program that uses this port, or choose another one."],
        // On Linux those below 1024; Windows keeps others for itself.
        _ when exception.GetBaseException() is SocketException { SocketErrorCode: SocketError.AccessDenied } =>
            [$"{exception.Message.TrimEnd('.')}. This program may not use this port: choose another one, above 1023."],
        // What it cannot read in ASPNETCORE_URLS, or an https address without a certificate: it says what to do.
        InvalidOperationException or FormatException when exception.Source is "Microsoft.AspNetCore.Server.Kestrel.Core" or "Microsoft.AspNetCore.Http" =>
            [exception.Message.ReplaceLineEndings(" ")],
        _ => null,
    };

    public static bool IsAddressInUse(Exception exception) =>
        exception is IOException { InnerException: { InnerException: SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } } };

    // The host stops where one of its services ends with an exception, and throws nothing. A cancellation that nobody asked for, as of a request that took
    // too long, is one, too.
    private static BackgroundService[] Failed(WebApplication app, bool isStopping) =>
    [
        .. app.Services.GetServices<IHostedService>().OfType<BackgroundService>()
            .Where(service => service.ExecuteTask is { } execution && (execution.IsFaulted || (execution.IsCanceled && !isStopping))),
    ];

    private static async Task<int> ExitAsync(WebApplication app, BackgroundService[] failed)
    {
        foreach (var service in failed)
        {
            try
            {
                await service.ExecuteTask!;
            }
            catch (Exception fault)
            {
                LogFailed(app.Logger, service.GetType().Name, fault);
            }
        }

        return failed is [] ? 0 : 1;
    }

    [LoggerMessage(1, LogLevel.Critical, "{Service} failed, so the process stops.", EventName = "Failed")]
    private static partial void LogFailed(ILogger logger, string service, Exception fault);
}
