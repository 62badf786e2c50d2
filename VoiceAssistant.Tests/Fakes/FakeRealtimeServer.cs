using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Stands where OpenAI Realtime stands: real WebSockets on loopback, scripted by the test.</summary>
internal sealed class FakeRealtimeServer : IAsyncDisposable
{
    private readonly Channel<FakeRealtimeSession> _sessions = Channel.CreateUnbounded<FakeRealtimeSession>();
    private readonly TaskCompletionSource _handshakeBegun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;
    private TaskCompletionSource? _held;
    private int _handshakes;

    private FakeRealtimeServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();

        _app = builder.Build();
        _app.UseWebSockets();
        _app.Map("/v1/models", models => models.Run(context => ListModels(context)));
        _app.Run(ServeAsync);
    }

    /// <summary>Where not 101, the handshake is refused with it.</summary>
    public int Status { get; set; } = StatusCodes.Status101SwitchingProtocols;

    /// <summary>With a refusal: seconds, or whatever else the header says.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>When a session is to say that it expires; null where it does not say.</summary>
    public Func<DateTimeOffset>? Expiry { get; set; }

    /// <summary>Answers who asks which models there are.</summary>
    public RequestDelegate ListModels { get; set; } = context =>
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    };

    /// <summary>How often the bridge has asked for a session.</summary>
    public int Handshakes => Volatile.Read(ref _handshakes);

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
        var session = await AcceptNextAsync();
        Assert.Equal("response.create", (string?)(await session.ReceiveAsync())["type"]);
        return session;
    }

    /// <summary>As <see cref="AcceptAsync"/>, for one that goes on where another was: settings taken, what it is told follows.</summary>
    public async Task<FakeRealtimeSession> AcceptNextAsync()
    {
        var session = await AcceptAsync();
        Assert.Equal("session.update", (string?)(await session.ReceiveAsync())["type"]);
        var expires = Expiry is { } expiry ? $",\"expires_at\":{expiry().ToUnixTimeSeconds()}" : "";
        await session.SendAsync($$$"""{"type":"session.created","event_id":"e1","session":{"type":"realtime","id":"sess_1"{{{expires}}}}}""");
        await session.TakeSettingsAsync();
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

    /// <returns>Completes when the bridge has asked for so many sessions in all.</returns>
    public async Task HandshakesAsync(int count)
    {
        var end = TestTimeout.Token;
        while (Handshakes < count)
        {
            await Task.Delay(10, end);
        }
    }

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
        Interlocked.Increment(ref _handshakes);
        _handshakeBegun.TrySetResult();
        if (_held is not null)
        {
            await _held.Task.WaitAsync(context.RequestAborted);
        }

        if (Status != StatusCodes.Status101SwitchingProtocols)
        {
            context.Response.StatusCode = Status;
            context.Response.Headers.RetryAfter = RetryAfter;
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
    private const int AnswerLength = 160;

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

    /// <returns>All that is still to be received until the bridge leaves, however long it says nothing: whoever waits for what becomes of it bounds that.</returns>
    public async IAsyncEnumerable<JsonNode> ReceiveToEndAsync()
    {
        await foreach (var text in _received.Reader.ReadAllAsync())
        {
            yield return JsonNode.Parse(text)!;
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

    /// <returns>The texts of the items that the bridge adds before it sends an event of this type.</returns>
    public async Task<List<string?>> ReceiveTextsUntilAsync(string type)
    {
        var texts = new List<string?>();
        while (await ReceiveAsync() is var @event && (string?)@event["type"] != type)
        {
            if (@event["item"] is { } item)
            {
                texts.Add((string?)item["content"]![0]!["text"]);
            }
        }

        return texts;
    }

    /// <returns>The types of all events that are still to be received, when the bridge has left.</returns>
    public async Task<List<string?>> ReceiveTypesToEndAsync()
    {
        var types = new List<string?>();
        await foreach (var text in _received.Reader.ReadAllAsync(TestTimeout.Token))
        {
            types.Add((string?)JsonNode.Parse(text)!["type"]);
        }

        return types;
    }

    public Task SendAsync(string json) =>
        UnlessLeftAsync(socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, endOfMessage: true, TestTimeout.Token));

    public Task SendDeltaAsync(string responseId, string itemId, ReadOnlySpan<byte> audio) => SendAsync(
        $$$"""{"type":"response.output_audio.delta","event_id":"e","response_id":"{{{responseId}}}","item_id":"{{{itemId}}}","output_index":0,"content_index":0,"delta":"{{{Convert.ToBase64String(audio)}}}"}""");

    public Task StartResponseAsync(string responseId) =>
        SendAsync($$$"""{"type":"response.created","event_id":"e","response":{"object":"realtime.response","id":"{{{responseId}}}","status":"in_progress"}}""");

    public Task EndResponseAsync(string responseId, string status = "completed", string details = "null", string? words = null) => SendAsync(
        $$$"""{"type":"response.done","event_id":"e","response":{"object":"realtime.response","id":"{{{responseId}}}","status":"{{{status}}}","status_details":{{{details}}}"""
        + (words is null ? "" : $$$""","conversation_id":"conv_1","output":[{"type":"message","role":"assistant","content":[{"type":"output_audio","transcript":"{{{words}}}"}]}]""")
        + "}}");

    /// <summary>As <see cref="EndResponseAsync"/>, with these items.</summary>
    public Task EndResponseWithAsync(string responseId, string output, string status = "completed", string details = "null") => SendAsync(
        $$$"""{"type":"response.done","event_id":"e","response":{"object":"realtime.response","id":"{{{responseId}}}","status":"{{{status}}}","status_details":{{{details}}},"output":{{{output}}}}}""");

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

    /// <summary>Says something with its words, and ends. Returns when the bridge knows that it was heard.</summary>
    public async Task AnswerAsync(FakeTwilioStream caller, string id, string words)
    {
        await StartResponseAsync($"resp_{id}");
        await SayAsync(id, words, new byte[AnswerLength]);
        await TranscriptDoneAsync(id, words);
        await EndResponseAsync($"resp_{id}", words: words);
        int length;
        do
        {
            // Where the machine is busy, the bridge may have asked for a moment's patience before.
            (var audio, var mark) = await caller.ReceiveAudioAsync();
            length = audio.Length;
            await caller.ReturnMarkAsync(mark);
        }
        while (length != AnswerLength);

        // Twilio's messages are handled in their order: when the model hears this, the mark has come back.
        await caller.SendAsync($$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"Qg=="}}""");
        while ((string?)(await ReceiveAsync("input_audio_buffer.append"))["audio"] is not "Qg==")
        {
        }
    }

    public async Task SayAsync(string id, string words, byte[] audio)
    {
        await SendAsync(
            $$$"""{"type":"response.output_audio_transcript.delta","event_id":"e","response_id":"resp_{{{id}}}","item_id":"item_{{{id}}}","delta":"{{{words}}}"}""");
        await SendDeltaAsync($"resp_{id}", $"item_{id}", audio);
    }

    public Task TranscriptDoneAsync(string id, string words) => SendAsync(
        $$$"""{"type":"response.output_audio_transcript.done","event_id":"e","response_id":"resp_{{{id}}}","item_id":"item_{{{id}}}","transcript":"{{{words}}}"}""");

    /// <summary>Has heard the caller out; their words are null where they are not written down.</summary>
    public async Task HearAsync(string itemId, string? words)
    {
        await SpeechStartedAsync();
        await SendAsync($$"""{"type":"input_audio_buffer.speech_stopped","event_id":"e","audio_end_ms":2000,"item_id":"{{itemId}}"}""");
        await SendAsync($$"""{"type":"input_audio_buffer.committed","event_id":"e","previous_item_id":null,"item_id":"{{itemId}}"}""");
        if (words is not null)
        {
            await TranscribeAsync(itemId, words);
        }
    }

    public Task TranscribeAsync(string itemId, string words) => SendAsync(
        $$"""{"type":"conversation.item.input_audio_transcription.completed","event_id":"e","item_id":"{{itemId}}","content_index":0,"transcript":"{{words}}"}""");

    /// <param name="code">Says what is wrong.</param>
    /// <param name="eventId">The event that is refused; null where the model does not say.</param>
    public Task SendErrorAsync(string code, string? eventId = null) => SendAsync(
        $$$"""{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"{{{code}}}","message":"…","event_id":{{{(eventId is null ? "null" : $"\"{eventId}\"")}}}}}""");

    public Task TakeSettingsAsync() => SendAsync("""{"type":"session.updated","event_id":"e2","session":{"type":"realtime","id":"sess_1"}}""");

    /// <param name="param">The field that is at fault; null where only the message says so.</param>
    /// <param name="message">Says why.</param>
    /// <param name="eventId">The event that is refused; null where the model does not say.</param>
    public Task RefuseSettingsAsync(string? param, string message = "…", string? eventId = SessionUpdate.EventId) => SendAsync(new JsonObject
    {
        ["type"] = "error",
        ["event_id"] = "e",
        ["error"] = new JsonObject
        {
            ["type"] = "invalid_request_error", ["code"] = "invalid_value", ["message"] = message, ["param"] = param, ["event_id"] = eventId,
        },
    }.ToJsonString());

    /// <returns>The role and text of each item that the bridge adds, and "response" where it asks for one, up to the caller's first frame.</returns>
    public async Task<List<string>> ReceiveStoryAsync(FakeTwilioStream caller)
    {
        await caller.SendAsync($$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"fn8A"}}""");
        var story = new List<string>();
        while (await ReceiveAsync() is var @event && (string?)@event["type"] is not "input_audio_buffer.append")
        {
            story.Add((string?)@event["type"] is "response.create" ? "response" : $"{@event["item"]!["role"]}: {@event["item"]!["content"]![0]!["text"]}");
        }

        return story;
    }

    public Task SpeechStartedAsync() =>
        SendAsync("""{"type":"input_audio_buffer.speech_started","event_id":"e","audio_start_ms":1000,"item_id":"item_user"}""");

    public Task CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.InternalServerError) =>
        UnlessLeftAsync(socket.CloseOutputAsync(status, null, TestTimeout.Token));

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

    // The bridge may have read it and left before the server is through with sending it.
    private async Task UnlessLeftAsync(Task sending)
    {
        try
        {
            await sending;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            await Ended;
        }
    }
}
