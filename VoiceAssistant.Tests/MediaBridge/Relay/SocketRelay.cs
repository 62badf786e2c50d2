using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>The bridge's own pieces between two bare WebSockets: no server around them whose garbage would count.</summary>
internal sealed class SocketRelay : IAsyncDisposable
{
    public const string StreamSid = FakeTwilioStream.StreamSid;

    private readonly CancellationTokenSource _call = new();
    private readonly TcpListener _listener;
    private readonly RealtimeConnector _connector;
    private readonly CallTrace _trace;
    private readonly MessageReader _reader;
    private readonly TwilioStream _caller;
    private readonly CallerAudio _audio;
    private readonly Conversation _conversation;
    private readonly Task _running;

    private SocketRelay(WebSocket twilio, WebSocket bridge, TcpListener listener, TestMeters meters, ConversationSnapshot? resumed, TimeProvider time)
    {
        _listener = listener;
        _audio = new CallerAudio(time);
        Twilio = twilio;
        _reader = new(bridge, 64 * 1024);
        _caller = new(bridge, _reader, new(Encoding.ASCII.GetBytes(StreamSid), FakeTwilioStream.CallSid, FakeTwilioStream.AccountSid, ""), time);

        var playback = new Playback(time);
        var options = new RealtimeOptions { Url = $"ws://{listener.LocalEndpoint}/v1/realtime", Greeting = "", WarmSessions = "0" };
        var metrics = new RealtimeMetrics(meters, Options.Create(options));
        _trace = new CallTrace(_caller.CallSid, _caller.Trace, new CallMetrics(meters), metrics, time);
        _conversation = new(
            _caller, _audio, playback, _trace, TestSessions.Create(options, metrics, time, out _connector), options, resumed, time, NullLogger.Instance);
        var pump = new CallerPump(_caller, _audio, playback, _conversation, time);
        _running = Task.WhenAll(pump.RunAsync(_call.Token), _conversation.RunAsync(_call.Token));
    }

    public Conversation Conversation => _conversation;

    /// <summary>Twilio's end of the media stream.</summary>
    public WebSocket Twilio { get; }

    /// <summary>The model's end of its session, which has its settings.</summary>
    public WebSocket Model { get; private set; } = null!;

    /// <inheritdoc cref="RealtimeConnector.OpenSessions"/>
    public int OpenSessions => _connector.OpenSessions;

    public static async Task<SocketRelay> StartAsync(TestMeters meters, ConversationSnapshot? resumed = null, TimeProvider? time = null)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var endpoint = (IPEndPoint)listener.LocalEndpoint;

        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(endpoint, TestTimeout.Token);
        var server = await listener.AcceptTcpClientAsync(TestTimeout.Token);
        server.NoDelay = true;
        var relay = new SocketRelay(
            WebSocket.CreateFromStream(client.GetStream(), new WebSocketCreationOptions()),
            WebSocket.CreateFromStream(server.GetStream(), new WebSocketCreationOptions { IsServer = true }),
            listener,
            meters,
            resumed,
            time ?? TimeProvider.System);
        relay.Model = await relay.AcceptModelAsync();
        return relay;
    }

    /// <returns>The model's end of the next session, which has its settings.</returns>
    public async Task<WebSocket> AcceptModelAsync()
    {
        var model = await AcceptAsync(_listener);
        await model.ReceiveAsync(new byte[4096].AsMemory(), TestTimeout.Token);
        await model.SendAsync(
            """{"type":"session.updated","event_id":"event_0","session":{"type":"realtime"}}"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestTimeout.Token);
        return model;
    }

    /// <summary>The call ends at once, whatever it waits for.</summary>
    public async Task EndAsync()
    {
        await _call.CancelAsync();
        await _running.WaitAsync(TestTimeout.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await _call.CancelAsync();
        Twilio.Abort();
        Model.Abort();
        await _running.WaitAsync(TestTimeout.Value);

        await _caller.DisposeAsync();
        _reader.Dispose();
        _conversation.Dispose();
        _trace.Dispose();
        _audio.Dispose();
        _call.Dispose();
        Twilio.Dispose();
        Model.Dispose();
        _listener.Dispose();
    }

    /// <summary>The server's side of the WebSocket handshake: https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2.</summary>
    private static async Task<WebSocket> AcceptAsync(TcpListener listener)
    {
        var connection = await listener.AcceptTcpClientAsync(TestTimeout.Token);
        connection.NoDelay = true;
        var stream = connection.GetStream();

        using var reader = new StreamReader(stream, leaveOpen: true);
        var key = "";
        while (await reader.ReadLineAsync(TestTimeout.Token) is { Length: > 0 } line)
        {
            key = line.StartsWith("Sec-WebSocket-Key: ", StringComparison.OrdinalIgnoreCase) ? line[19..] : key;
        }

        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"), TestTimeout.Token);
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
    }
}
