using System.Text;
using System.Text.Json.Nodes;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

public sealed class RealtimeCommandsTests : IDisposable
{
    private readonly PooledBuffer _output = new(16);

    public void Dispose() => _output.Dispose();

    [Fact]
    public void Append_HasTheAudioAsItCame()
    {
        RealtimeCommands.WriteAppend(_output, "fn9/f35+"u8);

        Assert.Equal("""{"type":"input_audio_buffer.append","audio":"fn9/f35+"}""", Written());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1500)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Truncate_SaysWhatWasHeardOfTheItem(long milliseconds)
    {
        RealtimeCommands.WriteTruncate(_output, "item_002"u8, milliseconds);

        Assert.Equal(
            $$"""{"type":"conversation.item.truncate","event_id":"truncate","item_id":"item_002","content_index":0,"audio_end_ms":{{milliseconds}}}""",
            Written());
    }

    // The ids are the model's: what it may write, it must be able to read.
    [Theory]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("a\",\"audio_end_ms\":0,\"b\":\"")]
    [InlineData("line\nbreak\0")]
    [InlineData("Zoë 中文 😀")]
    public void Truncate_NamesTheItem_WhateverItIsCalled(string itemId)
    {
        RealtimeCommands.WriteTruncate(_output, Encoding.UTF8.GetBytes(itemId), 7);

        var command = JsonNode.Parse(_output.Written.Span)!;
        Assert.Equal(itemId, (string?)command["item_id"]);
        Assert.Equal(7, (int?)command["audio_end_ms"]);
    }

    private string Written() => Encoding.UTF8.GetString(_output.Written.Span);
}
