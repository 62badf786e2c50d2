using System.Text;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone.Streams;

namespace VoiceAssistant.Tests.Local.Phone.Streams;

public sealed class PlayOutTests : IDisposable
{
    private readonly List<string> _marks = [];
    private readonly PlayOut _playOut;

    public PlayOutTests() => _playOut = new(name => _marks.Add(Encoding.UTF8.GetString(name)));

    public void Dispose() => _playOut.Dispose();

    [Fact]
    public void Audio_IsPlayedInFrames_AndPaddedWithSilence()
    {
        Append(Bytes(1, 100));
        Append(Bytes(2, 100));

        Assert.Equal([.. Bytes(1, 100), .. Bytes(2, 60)], Play());
        Assert.Equal([.. Bytes(2, 40), .. Bytes(MuLaw.Silence, 120)], Play());
        Assert.Equal(Bytes(MuLaw.Silence, 160), Play());
    }

    [Fact]
    public void Play_SaysWhetherThereWasAudio()
    {
        Append(Bytes(1, 1));

        Assert.True(_playOut.Play(new byte[160]));
        Assert.False(_playOut.Play(new byte[160]));
    }

    [Fact]
    public void Mark_IsReturnedAtOnce_WhereNothingPlays()
    {
        Mark("now");

        Assert.Equal(["now"], _marks);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(160, 1)]
    [InlineData(161, 2)]
    [InlineData(1600, 10)]
    public void Mark_IsReturned_WithTheFrameThatReachesIt(int bytes, int frames)
    {
        Append(Bytes(1, bytes));
        Mark("end");
        Append(Bytes(2, 1000));

        for (var played = 1; played < frames; played++)
        {
            Play();
        }

        Assert.Empty(_marks);
        Play();
        Assert.Equal(["end"], _marks);
    }

    [Fact]
    public void Marks_KeepTheirOrder_WhereOneFrameReachesSeveral()
    {
        Append(Bytes(1, 10));
        Mark("a");
        Mark("b");
        Append(Bytes(1, 10));
        Mark("c");

        Play();

        Assert.Equal(["a", "b", "c"], _marks);
    }

    [Fact]
    public void Clear_ReturnsAllMarks_AndTheAudioIsNotHeard()
    {
        Append(Bytes(1, 1000));
        Mark("a");
        Append(Bytes(1, 1000));
        Mark("b");
        Play();

        var unheard = _playOut.Clear();

        Assert.Equal(2000 - 160, unheard);
        Assert.Equal(["a", "b"], _marks);
        Assert.Equal(Bytes(MuLaw.Silence, 160), Play());
    }

    [Fact]
    public void Audio_IsPlayedAsBefore_AfterAClear()
    {
        Append(Bytes(1, 1000));
        _playOut.Clear();
        Append(Bytes(2, 200));
        Mark("end");

        Assert.Equal(Bytes(2, 160), Play());
        Assert.Empty(_marks);
        Play();
        Assert.Equal(["end"], _marks);
    }

    [Fact]
    public void Audio_KeepsItsOrder_HoweverItArrives()
    {
        var random = new Random(20);
        var sent = new List<byte>();
        var heard = new List<byte>();

        for (var i = 0; i < 3000; i++)
        {
            if (random.Next(10) < 4)
            {
                var audio = new byte[random.Next(1200)];
                random.NextBytes(audio);
                audio.AsSpan().Replace(MuLaw.Silence, (byte)0);
                Append(audio);
                sent.AddRange(audio);
            }

            heard.AddRange(Play());
        }

        heard.RemoveAll(code => code == MuLaw.Silence);
        Assert.Equal(sent.Take(heard.Count), heard);
        Assert.True(heard.Count > 400_000);
    }

    [Theory]
    [InlineData("not base64!")]
    [InlineData("AAA")]
    public void Payload_IsRefused_WhereItIsNotBase64(string payload)
    {
        Assert.Equal(AppendResult.Malformed, _playOut.Append(Encoding.UTF8.GetBytes(payload)));
        Assert.False(_playOut.Play(new byte[160]));
    }

    [Fact]
    public void Buffer_IsFull_AfterTenMinutes()
    {
        var minute = Encoding.UTF8.GetBytes(Convert.ToBase64String(new byte[60 * 8000]));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(AppendResult.Appended, _playOut.Append(minute));
        }

        Assert.Equal(AppendResult.Full, _playOut.Append("AAAA"u8));
        Play();
        Assert.Equal(AppendResult.Appended, _playOut.Append("AAAA"u8));
    }

    [Fact]
    public void Marks_AreBounded_UntilTheyAreReturned()
    {
        Append(Bytes(1, 1));
        var name = new byte[100_000];
        var results = Enumerable.Range(0, 20).Select(_ => _playOut.Mark(name)).ToArray();

        Assert.Equal(10, results.Count(result => result == AppendResult.Appended));
        Assert.Equal(AppendResult.Full, results[^1]);
        Play();
        Assert.Equal(10, _marks.Count);
        Assert.Equal(AppendResult.Appended, _playOut.Mark(name));
    }

    private static byte[] Bytes(byte value, int count) => [.. Enumerable.Repeat(value, count)];

    private void Append(byte[] audio) =>
        Assert.Equal(AppendResult.Appended, _playOut.Append(Encoding.UTF8.GetBytes(Convert.ToBase64String(audio))));

    private void Mark(string name) => Assert.Equal(AppendResult.Appended, _playOut.Mark(Encoding.UTF8.GetBytes(name)));

    private byte[] Play()
    {
        var frame = new byte[160];
        _playOut.Play(frame);
        return frame;
    }
}
