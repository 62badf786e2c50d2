using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace VoiceAssistant;

/// <summary>A wrong setting is the reader's to mend: they get sentences, not a stack trace.</summary>
public static class StartupFaults
{
    /// <summary>Builds the service and runs it until it is stopped.</summary>
    /// <inheritdoc cref="RunOrExplainAsync(Func{Task{int}})" path="/returns"/>
    public static Task<int> RunOrExplainAsync(Func<WebApplication> build) => RunOrExplainAsync(async () =>
    {
        await using var app = build();
        await app.StartAsync();
        await app.WaitForShutdownAsync();
        return 0;
    });

    /// <returns>The process's exit code: 1 where it could not start, after all faults were written to the error stream.</returns>
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
    }

    /// <returns>What the reader can do about it, a sentence each; null for an exception that is not about settings.</returns>
    public static IReadOnlyList<string>? Explain(Exception exception) => exception switch
    {
        OptionsValidationException options => [.. options.Failures],
        AggregateException { InnerExceptions: var all } when all.All(inner => inner is OptionsValidationException) =>
            [.. all.Cast<OptionsValidationException>().SelectMany(options => options.Failures)],
        InvalidDataException data => [data.Message],
        _ when IsAddressInUse(exception) => [$"{exception.Message.TrimEnd('.')}. Stop the program that uses this port, or choose another one."],
        // What it cannot read in ASPNETCORE_URLS, or an https address without a certificate: it says what to do.
        InvalidOperationException or FormatException when exception.Source is "Microsoft.AspNetCore.Server.Kestrel.Core" or "Microsoft.AspNetCore.Http" =>
            [exception.Message.ReplaceLineEndings(" ")],
        _ => null,
    };

    public static bool IsAddressInUse(Exception exception) =>
        exception is IOException { InnerException: { InnerException: SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } } };
}
