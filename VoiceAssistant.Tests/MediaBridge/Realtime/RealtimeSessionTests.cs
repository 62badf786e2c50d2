using System.Net.WebSockets;
using System.Text;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

public sealed class RealtimeSessionTests : IAsyncLifetime
{
    private SocketPair _pair = null!;
    private RealtimeSession _session = null!;
    private MessageReader _model = null!;

    public async ValueTask InitializeAsync()
    {
        _pair = await SocketPair.CreateAsync();
        _session = new RealtimeSession(_pair.Ours, TimeProvider.System);
        _model = new MessageReader(_pair.Peer, 64 * 1024);
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        _model.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public async Task Commands_AreOneEventEach()
    {
        await _session.AppendAudioAsync("fn8A"u8.ToArray(), TestTimeout.Token);
        await _session.TruncateAsync("item_1"u8.ToArray(), 1500, TestTimeout.Token);
        await _session.CreateResponseAsync(null, insistsOnAudio: false, TestTimeout.Token);
        await _session.CreateResponseAsync("Say \"hi\"\n", insistsOnAudio: false, TestTimeout.Token);
        await _session.CreateResponseAsync(null, insistsOnAudio: true, TestTimeout.Token);
        await _session.AddMessageAsync("system", "The caller pressed # on the keypad.", TestTimeout.Token);
        await _session.AddCallOutputAsync("call_1", """{"error":"none"}""", TestTimeout.Token);

        Assert.Equal("""{"type":"input_audio_buffer.append","audio":"fn8A"}""", await ReceiveAsync());
        Assert.Equal(
            """{"type":"conversation.item.truncate","event_id":"truncate","item_id":"item_1","content_index":0,"audio_end_ms":1500}""", await ReceiveAsync());
        Assert.Equal("""{"type":"response.create","event_id":"response"}""", await ReceiveAsync());
        Assert.Equal(
            """{"type":"response.create","event_id":"response","response":{"instructions":"Say \u0022hi\u0022\n"}}""", await ReceiveAsync());
        Assert.Equal("""{"type":"response.create","event_id":"response","response":{"output_modalities":["audio"]}}""", await ReceiveAsync());
        Assert.Equal(
            """{"type":"conversation.item.create","event_id":"item","item":{"type":"message","role":"system","content":[{"type":"input_text","text":"The caller pressed # on the keypad."}]}}""",
            await ReceiveAsync());
        Assert.Equal(
            """{"type":"conversation.item.create","event_id":"item","item":{"type":"function_call_output","call_id":"call_1","output":"{\u0022error\u0022:\u0022none\u0022}"}}""",
            await ReceiveAsync());
    }

    [Fact]
    public async Task Sender_LearnsThatTheModelIsGone_AfterDisposal()
    {
        await _session.DisposeAsync();

        var exception = await Record.ExceptionAsync(() => _session.AppendAudioAsync("fn8A"u8.ToArray(), TestTimeout.Token).AsTask());

        Assert.True(RealtimeSession.IsGone(exception!, TestTimeout.Token));
    }

    [Fact]
    public async Task Sender_LearnsThatTheModelIsGone_AfterAnAbort()
    {
        _session.Abort();

        var exception = await Record.ExceptionAsync(() => _session.AppendAudioAsync("fn8A"u8.ToArray(), TestTimeout.Token).AsTask());

        Assert.True(RealtimeSession.IsGone(exception!, TestTimeout.Token));
    }

    [Fact]
    public void Cancellation_OfTheSender_IsNoLossOfTheModel()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.True(RealtimeSession.IsGone(new OperationCanceledException(), cancellation.Token));

        cancellation.Cancel();

        Assert.False(RealtimeSession.IsGone(new OperationCanceledException(), cancellation.Token));
        Assert.False(RealtimeSession.IsGone(new InvalidOperationException(), cancellation.Token));
        Assert.True(RealtimeSession.IsGone(new WebSocketException(), cancellation.Token));
    }

    private async Task<string> ReceiveAsync()
    {
        Assert.True(await _model.ReadAsync(TestTimeout.Token));
        return Encoding.UTF8.GetString(_model.Message.Span);
    }
}
