using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Tokens;

/// <summary>Redis promises nothing about a replica that did not hear of a command before it was promoted.</summary>
public sealed class FailoverTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact, Trait("Proves", "T-T6"), Trait("Proves", "R7")]
    public async Task Token_AdmitsOneStream_ThoughThePromotedReplicaGivesItOutAgain()
    {
        RedisServer.Require();
        await using var primary = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync(arguments: ["--replicaof", "127.0.0.1", $"{primary.Port}"]);
        await using var before = await ConnectAsync(primary);
        await ReplicatedAsync(before);
        var token = (await new CallRecords(before, _time, TestMeters.Tokens).IssueTokenAsync(TestGrant.New(), TestTimeout.Token))?.Value;
        await before.GetDatabase().ExecuteAsync("WAIT", 1, 0);

        // Cut off and promoted, while a bridge still speaks with the former primary.
        await using (var operators = await ConnectAsync(replica))
        {
            await operators.GetServers().Single().ExecuteAsync("REPLICAOF", "NO", "ONE");
        }

        await using var after = await ConnectAsync(replica);
        var first = await new StreamTokens(before, _time, TestMeters.Tokens).ConsumeAsync(token!, TestTimeout.Token);
        var lease = await new CallLeases(before, _time).TakeAsync(first!, TestTimeout.Token);
        Assert.NotNull(lease);
        await primary.StopAsync();
        Assert.True(await new CallLeases(after, _time).RenewAsync(first!, lease, TestTimeout.Token));

        // On another bridge: the first one remembers what it has consumed.
        var second = await new StreamTokens(after, _time, TestMeters.Tokens).ConsumeAsync(token!, TestTimeout.Token);

        Assert.NotNull(second);
        Assert.Null(await new CallLeases(after, _time).TakeAsync(second, TestTimeout.Token));
    }

    private static async Task ReplicatedAsync(ConnectionMultiplexer primary)
    {
        for (var bound = TestTimeout.Token; (int)await primary.GetDatabase().ExecuteAsync("WAIT", 1, 100) is 0; bound.ThrowIfCancellationRequested())
        {
        }
    }

    private static Task<ConnectionMultiplexer> ConnectAsync(RedisServer server)
    {
        var options = TestRedis.Patient(server.ConnectionString);
        options.AllowAdmin = true;
        return ConnectionMultiplexer.ConnectAsync(options);
    }
}
