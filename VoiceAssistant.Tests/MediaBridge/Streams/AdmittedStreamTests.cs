using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

/// <summary>An admitted stream is still not trusted to keep to the protocol.</summary>
[Trait("Proves", "T-M4")]
[Trait("Proves", "R25")]
public sealed class AdmittedStreamTests(BridgeFixture bridge) : IClassFixture<BridgeFixture>, IAsyncLifetime
{
    private const string Garbage = "{\"event\":";

    private FakeTwilioStream _caller = null!;
    private FakeRealtimeSession _model = null!;

    public async ValueTask InitializeAsync()
    {
        _caller = await bridge.Host.CallAsync();
        _model = await bridge.Model.AcceptConfiguredAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _caller.DisposeAsync();
        await bridge.Host.IdleAsync();
    }

    [Theory]
    [InlineData("""{"event":"connected","protocol":"Call","version":"1.0.0"}""")]
    [InlineData("""{"event":"start","streamSid":"MZ0123456789abcdef0123456789abcdef"}""")]
    [InlineData("""{"event":"media","streamSid":"MZffffffffffffffffffffffffffffffff","media":{"payload":"fn8A"}}""")]
    [InlineData("""{"event":"stop","streamSid":"MZffffffffffffffffffffffffffffffff"}""")]
    [InlineData("""{"event":"news","streamSid":"MZ"}""")]
    public async Task ProtocolConfusion_EndsTheCall(string message)
    {
        await _caller.SendAsync(message);

        await AssertEndedAsync(WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task SecondStart_EndsTheCall_EvenWithAGoodToken()
    {
        await _caller.SendAsync(FakeTwilioStream.StartMessage(await bridge.Host.IssueTokenAsync()));

        await AssertEndedAsync(WebSocketCloseStatus.PolicyViolation);
        Assert.True(bridge.Model.HasNoSession);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LongMessage_EndsTheCall_Beyond64Kilobytes(bool whole)
    {
        await _caller.SendAsync(Padded(64 * 1024));
        await AssertHeardAsync(1);

        await _caller.SendAsync(Padded((64 * 1024) + 1), endOfMessage: whole);

        await AssertEndedAsync(WebSocketCloseStatus.MessageTooBig);
    }

    [Fact]
    public async Task BinaryMessage_EndsTheCall()
    {
        await _caller.SendAsync(new byte[] { 1 }, WebSocketMessageType.Binary);

        await AssertEndedAsync(WebSocketCloseStatus.InvalidMessageType);
    }

    [Fact]
    public async Task TextThatIsNone_EndsTheCall()
    {
        await _caller.SendAsync(new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' });

        // The framework says so to the peer itself.
        await AssertEndedAsync(WebSocketCloseStatus.InvalidPayloadData);
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public async Task DeepNesting_IsUnreadable(char open, char close)
    {
        var depth = open is '[' ? new string('[', 10_000) + new string(close, 10_000)
            : string.Concat(Enumerable.Repeat("{\"x\":", 5000)) + "0" + new string(close, 5000);
        for (var i = 0; i < 2; i++)
        {
            await _caller.SendAsync($$"""{"event":"media","media":{{depth}}}""");
        }

        await AssertHeardAsync(1);
        await _caller.SendAsync($$"""{"x":{{depth}}}""");
        await AssertEndedAsync(WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task UnreadableMessages_AreTolerated_AndTheThirdWithinTenSecondsEndsTheCall()
    {
        await _caller.SendAsync(Garbage);
        await _caller.SendAsync("");
        await AssertHeardAsync(1);

        await _caller.SendAsync(Garbage);

        await AssertEndedAsync(WebSocketCloseStatus.PolicyViolation);
    }

    [Fact]
    public async Task UnreadableMessages_AreForgotten_AfterTenSeconds()
    {
        await _caller.SendAsync(Garbage);
        await _caller.SendAsync(Garbage);
        await AssertHeardAsync(1);

        // A model that says nothing for 10 s when asked to is replaced.
        await _model.GreetAsync(_caller);

        // In steps, since a caller who sends nothing for 5 s is gone.
        for (var step = 2; step < 6; step++)
        {
            bridge.Time.Advance(TimeSpan.FromSeconds(3));
            await AssertHeardAsync(step);
            await bridge.Host.HeardAsync();
        }

        await _caller.SendAsync(Garbage);
        await _caller.SendAsync(Garbage);
        await AssertHeardAsync(6);
    }

    [Theory]
    [InlineData("!!!!")]
    [InlineData("fn8")]
    [InlineData("fn8A=")]
    [InlineData("fn8A====")]
    [InlineData("f=8A")]
    [InlineData("=")]
    [InlineData("")]
    [InlineData("fn-_")]
    [InlineData("fn8é")]
    [InlineData("fn8A ")]
    [InlineData("fn 8A")]
    [InlineData("fn8A\\n")]
    [InlineData("fn\\t8A")]
    [InlineData("fn8A\\r\\n")]
    [InlineData("\\\",\\\"x\\\":\\\"")]
    [InlineData("\\u0000")]
    public async Task Audio_ThatIsNone_IsNeverPassedOn(string payload)
    {
        await _caller.SendAsync(Media(payload));

        await AssertHeardAsync(1);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("{}")]
    public async Task Audio_ThatIsNoString_IsNeverPassedOn(string payload)
    {
        await _caller.SendAsync($$$"""{"event":"media","media":{"payload":{{{payload}}}}}""");
        await _caller.SendAsync("""{"event":"media"}""");

        await AssertHeardAsync(1);
    }

    [Fact]
    public async Task Audio_IsPassedOn_UpTo4KilobytesAFrame()
    {
        await _caller.SendAsync(Media(Convert.ToBase64String(new byte[4097])));
        await _caller.SendAsync(Media(Convert.ToBase64String(new byte[4096])));

        Assert.Equal(Append(new byte[4096]), await _model.ReceiveTextAsync());
    }

    [Fact]
    public async Task Audio_IsPassedOn_AsTextWhereItIsEscaped()
    {
        await _caller.SendAsync(Media("fn9\\/f35\\u002b"));

        Assert.Equal("""{"type":"input_audio_buffer.append","audio":"fn9/f35+"}""", await _model.ReceiveTextAsync());
    }

    [Theory]
    [InlineData("""{"event":"news","media":{"payload":"fn8A"}}""")]
    [InlineData("""{"event":"mark","mark":{"name":"9-9-9"}}""")]
    [InlineData("""{"event":"mark","mark":{"name":"foreign"}}""")]
    [InlineData("""{"event":"mark"}""")]
    [InlineData("""{"event":"dtmf","dtmf":{"digit":"\""}}""")]
    [InlineData("""{"event":"dtmf","dtmf":{"digit":"12"}}""")]
    [InlineData("""{"event":"dtmf"}""")]
    [InlineData("{}")]
    public async Task OtherMessages_ChangeNothing(string message)
    {
        await _caller.SendAsync(message);

        await AssertHeardAsync(1);
    }

    [Fact]
    public async Task Nothing_IsHeard_AfterStop()
    {
        await _caller.StopAsync();
        await _caller.SendAsync(Media("fn8A"));

        await AssertEndedAsync(WebSocketCloseStatus.NormalClosure);
    }

    [Fact]
    public async Task Message_IsRead_AlsoWhereItComesInFragments()
    {
        var message = Encoding.ASCII.GetBytes(Media("fn8A"));
        await _caller.SendAsync(message.AsMemory(0, 40), endOfMessage: false);
        await _caller.SendAsync(message.AsMemory(40));

        Assert.Equal("""{"type":"input_audio_buffer.append","audio":"fn8A"}""", await _model.ReceiveTextAsync());
    }

    // The next thing that the model hears is this frame: the call goes on, and nothing was passed on before it.
    private async Task AssertHeardAsync(int number)
    {
        byte[] frame = [(byte)number, 0xAB, 0xCD];
        await _caller.SendAsync(Media(Convert.ToBase64String(frame)));
        Assert.Equal(Append(frame), await _model.ReceiveTextAsync());
    }

    private async Task AssertEndedAsync(WebSocketCloseStatus status)
    {
        Assert.Equal(status, await _caller.ReceiveCloseAsync());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await _model.Ended);
        await Assert.ThrowsAsync<ChannelClosedException>(_model.ReceiveTextAsync);
    }

    private static string Append(byte[] audio) => $$"""{"type":"input_audio_buffer.append","audio":"{{Convert.ToBase64String(audio)}}"}""";

    private static string Media(string payload) =>
        $$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"{{{payload}}}"}}""";

    private static byte[] Padded(int length) =>
        Encoding.ASCII.GetBytes($$"""{"event":"news","x":"{{new string('x', length - 23)}}"}""");
}
