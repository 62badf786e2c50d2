using System.Text;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

public sealed class TwilioCommandsTests : IDisposable
{
    private readonly PooledBuffer _output = new(16);

    public void Dispose() => _output.Dispose();

    [Fact]
    public void Media_HasExactlyTheFieldsThatTwilioTakes()
    {
        TwilioCommands.WriteMedia(_output, "MZ1"u8, "fn9/f35+"u8);

        Assert.Equal("""{"event":"media","streamSid":"MZ1","media":{"payload":"fn9/f35+"}}""", Written());
        Assert.Equal("fn9/f35+"u8, TwilioMessage.Read(_output.Written).Payload.Span);
    }

    [Fact]
    public void Mark_HasExactlyTheFieldsThatTwilioTakes_AndComesBackAsItself()
    {
        TwilioCommands.WriteMark(_output, "MZ1"u8, new Mark(7, 3, 1840));

        Assert.Equal("""{"event":"mark","streamSid":"MZ1","mark":{"name":"7-3-1840"}}""", Written());
        Assert.True(Mark.TryParse(TwilioMessage.Read(_output.Written).MarkName.Span, out var mark));
        Assert.Equal(new Mark(7, 3, 1840), mark);
    }

    [Fact]
    public void Clear_HasExactlyTheFieldsThatTwilioTakes()
    {
        TwilioCommands.WriteClear(_output, "MZ1"u8);

        Assert.Equal("""{"event":"clear","streamSid":"MZ1"}""", Written());
    }

    private string Written() => Encoding.UTF8.GetString(_output.Written.Span);
}
