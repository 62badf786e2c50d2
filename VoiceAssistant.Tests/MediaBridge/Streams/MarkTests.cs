using System.Buffers;
using System.Text;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

public sealed class MarkTests
{
    [Theory]
    [InlineData(1, 1, 0, "1-1-0")]
    [InlineData(7, 3, 1840, "7-3-1840")]
    [InlineData(int.MaxValue, int.MaxValue, long.MaxValue, "2147483647-2147483647-9223372036854775807")]
    [InlineData(int.MinValue, int.MinValue, long.MinValue, "-2147483648--2147483648--9223372036854775808")]
    [InlineData(0, -1, -2, "0--1--2")]
    public void Name_ReadsBack(int generation, int item, long milliseconds, string name)
    {
        var mark = new Mark(generation, item, milliseconds);
        var output = new ArrayBufferWriter<byte>();

        mark.WriteName(output);

        Assert.Equal(name, Encoding.ASCII.GetString(output.WrittenSpan));
        Assert.True(Mark.TryParse(output.WrittenSpan, out var parsed));
        Assert.Equal(mark, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("--")]
    [InlineData("1")]
    [InlineData("1-")]
    [InlineData("1-2")]
    [InlineData("1-2-")]
    [InlineData("-1-2")]
    [InlineData("1--2")]
    [InlineData("1-2-3-")]
    [InlineData("1-2-3-4")]
    [InlineData("1-2-3 ")]
    [InlineData(" 1-2-3")]
    [InlineData("1 -2-3")]
    [InlineData("1-2-3x")]
    [InlineData("r7-3-1840")]
    [InlineData("my label")]
    [InlineData("1.0-2-3")]
    [InlineData("1,000-2-3")]
    [InlineData("0x1-2-3")]
    [InlineData("2147483648-1-1")]
    [InlineData("1-2147483648-1")]
    [InlineData("1-1-9223372036854775808")]
    public void Name_IsForeign_InAnyOtherForm(string name) => Assert.False(Mark.TryParse(Encoding.UTF8.GetBytes(name), out _));
}
