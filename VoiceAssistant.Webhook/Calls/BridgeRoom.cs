using System.Text.Json;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Whether the media bridge would take another call, so that a caller hears that all lines are busy rather than nothing.</summary>
/// <remarks>Only asked where service discovery knows the bridge's management port. The bridge decides in the end; here a doubt counts as a yes.</remarks>
internal sealed partial class BridgeRoom(IHttpClientFactory clients, IConfiguration configuration, TimeProvider time, ILogger<BridgeRoom> logger)
{
    // A caller is waiting.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(1);

    // One replica answers at a time, and what is in front of them chooses it by connection.
    private const int MostReplicasAsked = 3;

    private static readonly Uri Room = new("http://_management.mediabridge/room");

    private readonly bool _isKnown = configuration.GetSection("services:mediabridge:management").Exists();
    private readonly Lock _lock = new();
    private Task<bool>? _answer;
    private long _askedAt;

    public Task<bool> IsLeftAsync(CancellationToken cancellationToken)
    {
        if (!_isKnown)
        {
            return Task.FromResult(true);
        }

        lock (_lock)
        {
            if (_answer is null || time.GetElapsedTime(_askedAt) >= Freshness)
            {
                _askedAt = time.GetTimestamp();
                // For everybody who asks meanwhile, so nobody who leaves may take it along.
                _answer = AskAsync();
            }

            return _answer.WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> AskAsync()
    {
        using var timeout = new CancellationTokenSource(Patience, time);
        using var client = clients.CreateClient();
        try
        {
            client.DefaultRequestHeaders.ConnectionClose = true;
            for (var asked = 0; asked < MostReplicasAsked; asked++)
            {
                if (await client.GetFromJsonAsync<Answer>(Room, JsonSerializerOptions.Web, timeout.Token) is not { Room: 0 })
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException or Polly.ExecutionRejectedException)
        {
            LogNoAnswer(exception.Message);
            return true;
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The media bridge did not say whether it has room; calls are answered as if it had: {Fault}", EventName = "NoAnswer")]
    private partial void LogNoAnswer(string fault);

    private sealed record Answer(int Room);
}
