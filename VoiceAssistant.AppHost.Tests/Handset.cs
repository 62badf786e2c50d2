using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>The phone's page without a page: places one call through the phone's WebSocket and notes what happens.</summary>
internal sealed class Handset : IAsyncDisposable
{
    // 20 ms of 8 kHz µ-law.
    private const int FrameLength = 160;

    private readonly ClientWebSocket _socket = new();
    private readonly Channel<JsonNode> _messages = Channel.CreateUnbounded<JsonNode>();
    private Task _receiving = Task.CompletedTask;

    /// <param name="phone">The phone's page, with its key.</param>
    /// <param name="cancellationToken">Gives up dialling.</param>
    public static async Task<Handset> CallAsync(Uri phone, CancellationToken cancellationToken)
    {
        var handset = new Handset();
        handset._socket.Options.SetRequestHeader("Origin", phone.GetLeftPart(UriPartial.Authority));
        await handset._socket.ConnectAsync(new UriBuilder(phone) { Scheme = "ws", Path = "/phone" }.Uri, cancellationToken);
        handset._receiving = handset.ReceiveAsync();
        await handset.SendAsync("""{"type":"call"}""", cancellationToken);
        return handset;
    }

    /// <summary>Waits until the phone tells of this event, and passes over what comes before it.</summary>
    /// <returns>The event's text.</returns>
    public async Task<string?> WaitForAsync(string kind, CancellationToken cancellationToken)
    {
        var message = await WaitForAsync(message => (string?)message["kind"] == kind, $"the event {kind}", cancellationToken);
        return (string?)message["text"];
    }

    /// <summary>Waits until the assistant has spoken on this stream.</summary>
    public Task WaitForSoundAsync(CancellationToken cancellationToken) =>
        WaitForAsync(message => message["firstAudible"] is not null, "a sound", cancellationToken);

    /// <summary>Waits until it has answered so many questions in this call.</summary>
    public Task WaitForAnswersAsync(int count, CancellationToken cancellationToken) =>
        WaitForAsync(message => message["answers"] is JsonArray answers && answers.Count >= count, $"answer {count}", cancellationToken);

    /// <summary>Says this as a microphone would: 50 frames a second. What is not said, the phone fills with silence.</summary>
    public async Task SpeakAsync(ReadOnlyMemory<byte> mulaw, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (; mulaw.Length >= FrameLength; mulaw = mulaw[FrameLength..])
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            await _socket.SendAsync(mulaw[..FrameLength], WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
    }

    public Task HangUpAsync(CancellationToken cancellationToken) => SendAsync("""{"type":"hangup"}""", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
    }

    private async Task<JsonNode> WaitForAsync(Predicate<JsonNode> isWanted, string name, CancellationToken cancellationToken)
    {
        var events = new List<string>();
        await foreach (var message in _messages.Reader.ReadAllAsync(cancellationToken))
        {
            if (message["kind"] is not null)
            {
                events.Add(message.ToJsonString());
            }

            if (isWanted(message))
            {
                return message;
            }
        }

        throw new InvalidOperationException($"The call ended without {name}: {string.Join(", ", events)}");
    }

    private Task SendAsync(string json, CancellationToken cancellationToken) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);

    private async Task ReceiveAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } received)
            {
                if (received.MessageType is WebSocketMessageType.Text)
                {
                    _messages.Writer.TryWrite(JsonNode.Parse(buffer.AsSpan(0, received.Count))!);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The handset was put down.
        }

        _messages.Writer.TryComplete();
    }
}
