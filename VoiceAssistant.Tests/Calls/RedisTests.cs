using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls;

/// <summary>What must hold on every server that speaks Redis's protocol, for a user who may do no more than the services need.</summary>
public abstract class RedisTests<TServer> : IAsyncLifetime where TServer : ITestRedis, new()
{
    private readonly TServer _server = new();
    private readonly List<ConnectionMultiplexer> _connections = [];

    // Stands still, so that no patience is lost on a busy machine.
    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    /// <summary>Hears what the services say.</summary>
    internal RecordingProxy Proxy { get; private set; } = null!;

    internal string ServiceConnection => Proxy.ConnectionString + _server.Service;

    internal ConnectionMultiplexer Redis { get; private set; } = null!;

    internal ConnectionMultiplexer Administrator { get; private set; } = null!;

    internal CallRecords Records { get; private set; } = null!;

    internal StreamTokens Tokens { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        Proxy = new RecordingProxy(_server.EndPoint);
        Redis = await ConnectAsync();
        Administrator = await ConnectAsync(_server.EndPoint + _server.Administrator);
        Records = new CallRecords(Redis, Time, TestMeters.Tokens);
        Tokens = new StreamTokens(Redis, Time, TestMeters.Tokens);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
        {
            await connection.DisposeAsync();
        }

        Proxy?.Dispose();
        await _server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <returns>What another service of ours has.</returns>
    internal Task<ConnectionMultiplexer> ConnectAsync() => ConnectAsync(ServiceConnection);

    internal async Task<string?> IssueAsync(StreamGrant? grant = null) => (await Records.IssueTokenAsync(grant ?? TestGrant.New(), TestTimeout.Token))?.Value;

    internal Task<StreamGrant?> ConsumeAsync(string? token) => Tokens.ConsumeAsync(token!, TestTimeout.Token);

    internal async Task<ConnectionMultiplexer> ConnectAsync(string server)
    {
        var options = TestRedis.Patient(server);
        // What is not allowed is for the server to say.
        options.AllowAdmin = true;
        var connection = await ConnectionMultiplexer.ConnectAsync(options);
        _connections.Add(connection);
        return connection;
    }
}
