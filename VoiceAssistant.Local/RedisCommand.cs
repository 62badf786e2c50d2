using System.CommandLine;
using System.Net.Sockets;
using Garnet.common;

namespace VoiceAssistant.Local;

/// <summary>The redis command: what the Aspire AppHost starts where it can start no container.</summary>
internal static class RedisCommand
{
    private const string PasswordName = "REDIS_PASSWORD";

    public static Command Create()
    {
        var port = NumberOption.Port("--port", "The port that it listens on, on this machine only.");
        port.Required = true;
        var command = new Command("redis", $"Runs Redis (Garnet) alone; with {PasswordName} in the environment, for those who know it.") { port };
        command.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(port), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(int port, CancellationToken cancellationToken)
    {
        using var redis = Start(port);
        Console.WriteLine($"Redis listens at {redis.ConnectionString}.");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    private static EmbeddedRedis Start(int port)
    {
        try
        {
            return new EmbeddedRedis(port, Environment.GetEnvironmentVariable(PasswordName) ?? "");
        }
        catch (GarnetException exception) when (exception.InnerException is SocketException refusal)
        {
            throw new InvalidDataException(
                $"Redis cannot listen on port {port}: {refusal.Message}. Stop the program that uses this port, or choose another one.", exception);
        }
    }
}
