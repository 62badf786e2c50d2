using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Local.Phone;

public sealed class SpokenFramesTests
{
    private readonly SpokenFrames _frames = new();

    [Fact]
    public void Frames_AreTaken_InTheOrderTheyCame()
    {
        Add(1, 2, 3);

        Assert.Equal([1, 2, 3], Take(3));
    }

    [Fact]
    public void Silence_IsTaken_WhereThePageHasSentNothing()
    {
        Add(1);

        Assert.Equal([1, 0xFF, 0xFF], Take(3));
    }

    [Fact]
    public void Oldest_AreDropped_BeyondHalfASecond()
    {
        Add([.. Enumerable.Range(1, 30).Select(value => (byte)value)]);

        Assert.Equal([.. Enumerable.Range(6, 25).Select(value => (byte)value), 0xFF], Take(26));
    }

    [Fact]
    public void Delay_IsDropped_WhenAWholeSecondDidNotNeedIt()
    {
        Add(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        for (byte next = 11; next <= 60; next++)
        {
            Add(next);
            Take(1);
        }

        Add(61);

        Assert.Equal(59, Take(1).Single());
    }

    [Fact]
    public void Delay_IsKept_WhileFramesComeInBursts()
    {
        for (byte next = 0; next < 100; next += 5)
        {
            Add([.. Enumerable.Range(next, 5).Select(value => (byte)value)]);
            Assert.Equal([.. Enumerable.Range(next, 5).Select(value => (byte)value)], Take(5));
        }
    }

    [Fact]
    public void Nothing_IsLeft_AfterClearing()
    {
        Add(1, 2, 3);

        _frames.Clear();

        Assert.Equal([0xFF], Take(1));
    }

    private void Add(params ReadOnlySpan<byte> values)
    {
        Span<byte> frame = stackalloc byte[Frame.Length];
        foreach (var value in values)
        {
            frame.Fill(value);
            _frames.Add(frame);
        }
    }

    private byte[] Take(int count)
    {
        var taken = new byte[count];
        Span<byte> frame = stackalloc byte[Frame.Length];
        for (var i = 0; i < count; i++)
        {
            _frames.Take(frame);
            Assert.False(frame.ContainsAnyExcept(frame[0]));
            taken[i] = frame[0];
        }

        return taken;
    }
}
