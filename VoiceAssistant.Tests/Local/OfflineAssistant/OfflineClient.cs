using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

/// <summary>A bare client: it sends and reads JSON, and lets time pass when a delta has come.</summary>
internal sealed class OfflineClient(ClientWebSocket socket, FakeTimeProvider time) : IDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];

    public ClientWebSocket Socket => socket;

    public async Task SendAsync(string json, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        using var patience = new CancellationTokenSource(OfflineHost.Patience);
        await socket.SendAsync(Encoding.UTF8.GetBytes(json), type, endOfMessage: true, patience.Token);
    }

    public async Task AppendAsync(ReadOnlyMemory<byte> audio, int frameBytes = 160)
    {
        for (var sent = 0; sent < audio.Length; sent += frameBytes)
        {
            var frame = audio.Span[sent..Math.Min(sent + frameBytes, audio.Length)];
            await SendAsync($$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(frame)}}"}""");
        }
    }

    /// <summary>The next event; null when the server has closed its side.</summary>
    public async Task<JsonElement?> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(OfflineHost.Patience);
        using var message = new MemoryStream();
        while (true)
        {
            var received = await socket.ReceiveAsync(_buffer, patience.Token);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(_buffer, 0, received.Count);
            if (received.EndOfMessage)
            {
                return JsonSerializer.Deserialize<JsonElement>(message.ToArray());
            }
        }
    }

    /// <summary>The next event, which has to be of this type.</summary>
    public async Task<JsonElement> ReceiveAsync(string type)
    {
        var received = await ReceiveAsync();
        Assert.NotNull(received);
        Assert.True(received.Value.Type == type, $"Expected {type}, received {received}");
        return received.Value;
    }

    /// <summary>All events up to and with the first of this type. Time passes as the deltas come, so that the next ones are due.</summary>
    public Task<List<JsonElement>> ReceiveUntilAsync(string type) => ReceiveUntilAsync(received =>
    {
        if (received.Type == "response.output_audio.delta")
        {
            time.Advance(TimeSpan.FromMilliseconds(30));
        }

        return received.Type == type;
    });

    /// <summary>What the server had to say so far, while no time passes: it answers in order, and this always has an answer.</summary>
    public async Task<List<JsonElement>> ReceivePendingAsync()
    {
        await SendAsync("""{"type":"response.cancel","event_id":"pending","response_id":"resp_none"}""");
        var events = await ReceiveUntilAsync(received => received.Type == "error" && received.At("error.event_id") == "pending");
        events.RemoveAt(events.Count - 1);
        return events;
    }

    public async Task<JsonElement> ReceiveErrorAsync() => (await ReceiveAsync("error")).GetProperty("error");

    public void Dispose() => socket.Dispose();

    private async Task<List<JsonElement>> ReceiveUntilAsync(Predicate<JsonElement> isLast)
    {
        var events = new List<JsonElement>();
        do
        {
            var received = await ReceiveAsync();
            Assert.True(received is not null, $"Closed after {string.Join(", ", events.Select(e => e.Type))}");
            events.Add(received.Value);
        }
        while (!isLast(events[^1]));

        return events;
    }
}
