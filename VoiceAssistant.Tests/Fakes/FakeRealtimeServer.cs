using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Stands where OpenAI Realtime stands: real WebSockets on loopback, scripted by the test.</summary>
internal sealed class FakeRealtimeServer : IAsyncDisposable
{
    private readonly Channel<FakeRealtimeSession> _sessions = Channel.CreateUnbounded<FakeRealtimeSession>();
    private readonly TaskCompletionSource _handshakeBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;
    private TaskCompletionSource? _held;

    private FakeRealtimeServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();

        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(ServeAsync);
    }

    /// <summary>Where not 101, the handshake is refused with it.</summary>
    public int Status { get; set; } = StatusCodes.Status101SwitchingProtocols;

    public string Url => _app.Urls.Single().Replace("http:", "ws:", StringComparison.Ordinal) + "/v1/realtime";

    public static async Task<FakeRealtimeServer> StartAsync()
    {
        var server = new FakeRealtimeServer();
        await server._app.StartAsync();
        return server;
    }

    /// <returns>The next session that the bridge opens.</returns>
    public async Task<FakeRealtimeSession> AcceptAsync() => await _sessions.Reader.ReadAsync(TestTimeout.Token);

    /// <summary>As <see cref="AcceptAsync"/>, after the usual beginning: settings taken, greeting asked for.</summary>
    public async Task<FakeRealtimeSession> AcceptConfiguredAsync()
    {
        var session = await AcceptAsync();
        Assert.Equal("session.update", (string?)(await session.ReceiveAsync())["type"]);
        await session.SendAsync("""{"type":"session.created","event_id":"e1","session":{"type":"realtime","id":"sess_1"}}""");
        await session.SendAsync("""{"type":"session.updated","event_id":"e2","session":{"type":"realtime","id":"sess_1"}}""");
        Assert.Equal("response.create", (string?)(await session.ReceiveAsync())["type"]);
        return session;
    }

    /// <summary>Lets whoever connects wait until the result is disposed.</summary>
    public IDisposable HoldHandshakes()
    {
        _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return new Hold(_held);
    }

    /// <returns>Completes when the bridge has asked for a session.</returns>
    public Task HandshakeBegunAsync() => _handshakeBegun.Task.WaitAsync(TestTimeout.Value);

    public bool HasNoSession => _sessions.Reader.Count == 0;

    public async ValueTask DisposeAsync()
    {
        while (_sessions.Reader.TryRead(out var session))
        {
            session.Abort();
        }

        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        _handshakeBegun.TrySetResult();
        if (_held is not null)
        {
            await _held.Task.WaitAsync(context.RequestAborted);
        }

        if (Status != StatusCodes.Status101SwitchingProtocols)
        {
            context.Response.StatusCode = Status;
            return;
        }

        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var session = new FakeRealtimeSession(socket, context.Request);
        await _sessions.Writer.WriteAsync(session);
        await session.ReadToEndAsync();
    }

    private sealed class Hold(TaskCompletionSource held) : IDisposable
    {
        public void Dispose() => held.TrySetResult();
    }
}

/// <summary>One session of the fake model: sends what the test says, keeps what the bridge sends.</summary>
internal sealed class FakeRealtimeSession(WebSocket socket, HttpRequest request)
{
    private readonly Channel<string> _received = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource<WebSocketCloseStatus?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? Authorization { get; } = request.Headers.Authorization;

    public string? ApiKey { get; } = request.Headers["api-key"];

    public string? Model { get; } = request.Query["model"];

    public string? Query { get; } = request.QueryString.Value;

    public IReadOnlyCollection<string> Headers { get; } = [.. request.Headers.Keys];

    /// <summary>Completes when the bridge has left: with its close status, or null if it just went away.</summary>
    public Task<WebSocketCloseStatus?> Ended => _ended.Task.WaitAsync(TestTimeout.Value);

    public async Task<JsonNode> ReceiveAsync() => JsonNode.Parse(await ReceiveTextAsync())!;

    public async Task<string> ReceiveTextAsync() => await _received.Reader.ReadAsync(TestTimeout.Token);

    /// <returns>The next event of this type; the caller's audio and other events before it are passed over.</returns>
    public async Task<JsonNode> ReceiveAsync(string type)
    {
        while (true)
        {
            if (await ReceiveAsync() is var @event && (string?)@event["type"] == type)
            {
                return @event;
            }
        }
    }

    /// <returns>All of the caller's audio that is still to be received, when the bridge has left; other events are passed over.</returns>
    public async Task<List<string>> ReceiveAudioToEndAsync()
    {
        var audio = new List<string>();
        await foreach (var text in _received.Reader.ReadAllAsync(TestTimeout.Token))
        {
            var @event = JsonNode.Parse(text)!;
            if ((string?)@event["type"] == "input_audio_buffer.append")
            {
                audio.Add((string)@event["audio"]!);
            }
        }

        return audio;
    }

    public Task SendAsync(string json) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, TestTimeout.Token);

    public Task SendDeltaAsync(string responseId, string itemId, ReadOnlySpan<byte> audio) => SendAsync(
        $$$"""{"type":"response.output_audio.delta","event_id":"e","response_id":"{{{responseId}}}","item_id":"{{{itemId}}}","output_index":0,"content_index":0,"delta":"{{{Convert.ToBase64String(audio)}}}"}""");

    public Task StartResponseAsync(string responseId) =>
        SendAsync($$$"""{"type":"response.created","event_id":"e","response":{"object":"realtime.response","id":"{{{responseId}}}","status":"in_progress"}}""");

    public Task EndResponseAsync(string responseId, string status = "completed", string details = "null") => SendAsync(
        $$$"""{"type":"response.done","event_id":"e","response":{"object":"realtime.response","id":"{{{responseId}}}","status":"{{{status}}}","status_details":{{{details}}}}}""");

    /// <summary>Says the greeting. Returns when the bridge knows that it is over: it owes the caller nothing then.</summary>
    public async Task GreetAsync(FakeTwilioStream caller)
    {
        await StartResponseAsync("resp_greeting");
        await SendDeltaAsync("resp_greeting", "item_greeting", new byte[160]);
        await EndResponseAsync("resp_greeting");
        await caller.ReturnMarkAsync((await caller.ReceiveAudioAsync()).Mark);

        // Events are handled in their order.
        await SendDeltaAsync("resp_greeting", "item_greeting", new byte[160]);
        await caller.ReturnMarkAsync((await caller.ReceiveAudioAsync()).Mark);
    }

    public Task SpeechStartedAsync() =>
        SendAsync("""{"type":"input_audio_buffer.speech_started","event_id":"e","audio_start_ms":1000,"item_id":"item_user"}""");

    public Task CloseAsync() => socket.CloseOutputAsync(WebSocketCloseStatus.InternalServerError, null, TestTimeout.Token);

    public void Abort() => socket.Abort();

    public async Task ReadToEndAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (received.MessageType == WebSocketMessageType.Close)
                {
                    _ended.TrySetResult(socket.CloseStatus);
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                    return;
                }

                // The bridge's messages are never fragmented and fit the buffer.
                Assert.True(received.EndOfMessage);
                await _received.Writer.WriteAsync(Encoding.UTF8.GetString(buffer, 0, received.Count));
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            _ended.TrySetResult(null);
        }
        finally
        {
            _received.Writer.TryComplete();
        }
    }
}
