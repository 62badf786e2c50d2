using System.Text;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>
/// What the model is told that the caller has heard. Each number is milliseconds; an interruption reads as what is to be cleared and
/// where each item is to be truncated.
/// </summary>
public sealed class PlaybackTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Playback _playback;

    public PlaybackTests() => _playback = new Playback(_time);

    [Fact]
    public void Nothing_IsInterrupted_WhereNothingWasSaid() => Assert.Null(Interrupt());

    [Fact]
    public void Nothing_IsInterrupted_WhenEverythingWasHeard()
    {
        Started("r1");
        var mark = Send("r1", "a", 500);
        Ended("r1");
        _playback.MarkReturned(mark);

        Assert.Null(Interrupt());
    }

    [Fact]
    public void Item_IsHeard_AsFarAsItsMarksCameBack()
    {
        Started("r1");
        var marks = Send("r1", "a", 100, 100, 100, 100);
        Wait(250);
        _playback.MarkReturned(marks[0]);
        _playback.MarkReturned(marks[1]);

        Assert.Equal("clear a:200", Interrupt());
    }

    [Fact]
    public void Item_IsHeard_ByTheClockBetweenMarks()
    {
        Started("r1");
        var marks = Send("r1", "a", 100, 100, 100);
        Wait(120);
        _playback.MarkReturned(marks[0]);
        Wait(35);

        Assert.Equal("clear a:135", Interrupt());
    }

    [Fact]
    public void Item_IsHeard_NeverPastAMarkThatHasNotComeBack()
    {
        Started("r1");
        var marks = Send("r1", "a", 100, 100, 100);
        Wait(120);
        _playback.MarkReturned(marks[0]);
        Wait(5000);

        Assert.Equal("clear a:200", Interrupt());
    }

    [Fact]
    public void Item_IsHeard_ByTheClockBeforeTheFirstMark()
    {
        Started("r1");
        Send("r1", "a", 1000);
        Wait(400);

        Assert.Equal("clear a:400", Interrupt());
    }

    [Fact]
    public void Item_IsHeard_NeverBeyondWhatWasSent()
    {
        Started("r1");
        Send("r1", "a", 1000);
        Wait(60_000);

        Assert.Equal("clear a:1000", Interrupt());
    }

    [Fact]
    public void Item_IsNotHeard_BeforeItBeginsToPlay()
    {
        Wait(60_000);
        Started("r1");
        Send("r1", "a", 1000);

        Assert.Equal("clear a:0", Interrupt());
    }

    [Fact]
    public void Items_AreTruncated_WherePlayingAndAtZeroBehindIt()
    {
        Started("r1");
        var heard = Send("r1", "a", 400);
        Send("r1", "b", 300);
        Send("r1", "c", 500);
        Ended("r1");
        Wait(400);
        _playback.MarkReturned(heard);
        Wait(100);

        Assert.Equal("clear b:100 c:0", Interrupt());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Item_IsNotTruncated_ThatWasHeardBeforeTheOneBeingSpoken(bool markReturned)
    {
        Started("r1");
        var heard = Send("r1", "a", 400);
        Send("r1", "b", 300);
        Wait(400);
        if (markReturned)
        {
            _playback.MarkReturned(heard);
        }

        Assert.Equal("clear b:0", Interrupt());
    }

    [Fact]
    public void Item_IsNotTruncated_ThatWasHeardByTheClockOfAFinishedResponse()
    {
        Started("r1");
        Send("r1", "a", 400);
        Ended("r1");
        Wait(400);

        Assert.Equal("clear", Interrupt());
    }

    [Fact]
    public void Item_IsTruncated_AfterItsResponseIsDone()
    {
        Started("r1");
        Send("r1", "a", 5000);
        Ended("r1");
        Wait(700);

        Assert.Equal("clear a:700", Interrupt());
    }

    [Fact]
    public void Item_IsTruncatedAtItsEnd_WhenMoreOfItWouldHaveCome()
    {
        Started("r1");
        _playback.MarkReturned(Send("r1", "a", 500));

        Assert.Equal("a:500", Interrupt());
        Assert.False(TrySend("r1", "a"));
        Assert.False(IsFirstLate("a"));
    }

    [Fact]
    public void Response_IsInterrupted_BeforeItsFirstAudio()
    {
        Started("r1");

        Assert.Equal("", Interrupt());
        Assert.False(TrySend("r1", "a"));
        Assert.True(IsFirstLate("a"));
        Assert.False(TrySend("r1", "a"));
        Assert.False(IsFirstLate("a"));
        Assert.True(IsFirstLate("b"));
    }

    [Fact]
    public void LateAudio_IsRefused_AndItsItemTruncatedOnce()
    {
        Started("r1");
        Send("r1", "a", 500);
        Wait(100);
        Assert.Equal("clear a:100", Interrupt());

        Assert.False(TrySend("r1", "a"));
        Assert.False(IsFirstLate("a"));
        Assert.False(TrySend("r1", "b"));
        Assert.True(IsFirstLate("b"));
        Assert.False(IsFirstLate("b"));
    }

    [Fact]
    public void LateAudio_IsRefused_OfAResponseThatWasDone()
    {
        Started("r1");
        Send("r1", "a", 500);
        Ended("r1");
        Assert.Equal("clear a:0", Interrupt());

        Assert.False(TrySend("r1", "b"));
    }

    [Fact]
    public void NextResponse_IsHeard_AfterAnInterruption()
    {
        Started("r1");
        Send("r1", "a", 500);
        Wait(100);
        Interrupt();
        Ended("r1");

        Wait(2000);
        Started("r2");
        Send("r2", "b", 500);
        Wait(50);

        Assert.Equal("clear b:50", Interrupt());
        Assert.Null(Interrupt());
    }

    [Fact]
    public void Interruption_ReachesTheNextResponse_WhileTheLastStillPlays()
    {
        Started("r1");
        Send("r1", "a", 500);
        Ended("r1");
        Started("r2");
        Wait(100);

        Assert.Equal("clear a:100", Interrupt());
        Assert.False(TrySend("r2", "b"));
    }

    [Fact]
    public void Interruption_ReachesTheNextResponse_WhenTheLastWasHeard()
    {
        Started("r1");
        _playback.MarkReturned(Send("r1", "a", 500));
        Ended("r1");
        Started("r2");

        Assert.Equal("", Interrupt());
        Assert.False(TrySend("r2", "b"));
    }

    [Fact]
    public void Mark_ProvesNothing_OfAnOlderGeneration()
    {
        Started("r1");
        var old = Send("r1", "a", 500);
        Interrupt();

        Started("r2");
        Send("r2", "b", 500);
        _playback.MarkReturned(old);

        Assert.Equal("clear b:0", Interrupt());
    }

    [Fact]
    public void Mark_ProvesNothing_ThatIsNotAwaited()
    {
        Started("r1");
        var marks = Send("r1", "a", 100, 100, 100);
        Wait(10);
        _playback.MarkReturned(marks[2] with { Item = 9 });
        _playback.MarkReturned(marks[2] with { Generation = 9 });
        _playback.MarkReturned(default);

        Assert.Equal("clear a:10", Interrupt());
    }

    [Fact]
    public void Mark_ProvesNothing_TheSecondTime()
    {
        Started("r1");
        var marks = Send("r1", "a", 100, 100, 100);
        _playback.MarkReturned(marks[0]);
        _playback.MarkReturned(marks[1]);
        Wait(50);
        _playback.MarkReturned(marks[1]);
        _playback.MarkReturned(marks[0]);

        Assert.Equal("clear a:250", Interrupt());
    }

    [Fact]
    public void Mark_ProvesThatAllBeforeItWasHeard()
    {
        Started("r1");
        var marks = Send("r1", "a", 100, 100, 100);
        _playback.MarkReturned(marks[1]);

        Assert.Equal("clear a:200", Interrupt());
    }

    [Fact]
    public void Mark_NamesEveryPlaceOnce_AlsoWhereTheAudioIsShorterThanAMillisecond()
    {
        var random = new Random(1);
        var marks = new HashSet<Mark>();

        for (var i = 0; i < 2_000; i++)
        {
            var response = $"r{i / 50}";
            if (i % 50 == 0)
            {
                Started(response);
            }

            var item = random.Next(10) == 0 ? "" : $"i{i / 10}";
            Assert.True(_playback.TryAdd(item is "" ? default : Bytes(response), Bytes(item), random.Next(1, 20), out var mark));
            Assert.True(marks.Add(mark), $"{mark} names two places.");
            if (i % 100 == 99)
            {
                Interrupt();
            }
        }
    }

    [Fact]
    public void Bytes_AreNotLost_WhereDeltasAreNoWholeMilliseconds()
    {
        Started("r1");
        Mark mark = default;
        for (var i = 0; i < 9; i++)
        {
            Assert.True(_playback.TryAdd("r1"u8, "a"u8, 7, out mark));
        }

        Wait(60);
        _playback.MarkReturned(mark);

        // 63 bytes, of which the last millisecond is not whole.
        Assert.Equal("a:7", Interrupt());
    }

    [Fact]
    public void Play_GoesOn_AfterAnUnderrun()
    {
        Started("r1");
        var first = Send("r1", "a", 200);
        Wait(210);
        _playback.MarkReturned(first);
        Wait(800);
        Send("r1", "a", 300);
        Wait(150);

        Assert.Equal("clear a:350", Interrupt());
    }

    [Fact]
    public void Play_GoesOn_AfterAnUnderrunWhoseMarkIsLate()
    {
        Started("r1");
        var first = Send("r1", "a", 200);
        Wait(1000);
        Send("r1", "a", 300);
        Wait(50);
        Assert.Equal(TimeSpan.FromMilliseconds(300), _playback.Remaining);
        _playback.MarkReturned(first);
        Wait(100);

        Assert.Equal("clear a:300", Interrupt());
    }

    [Fact]
    public void Clip_IsCleared_AndToldToNobody()
    {
        SendClip(800);
        Wait(100);

        Assert.Equal("clear", Interrupt());
    }

    [Fact]
    public void Clip_PlaysBeforeTheItemBehindIt()
    {
        SendClip(800);
        Started("r1");
        Send("r1", "a", 500);
        Wait(500);

        Assert.Equal("clear a:0", Interrupt());
    }

    [Fact]
    public void Clip_PlaysAfterTheItemBeforeIt()
    {
        Started("r1");
        var heard = Send("r1", "a", 300);
        Ended("r1");
        SendClip(800);
        Wait(300);
        _playback.MarkReturned(heard);
        Wait(100);

        Assert.Equal("clear", Interrupt());
    }

    [Theory]
    [InlineData(100, 0, "clear a:100")]
    [InlineData(500, 1, "clear a:400")]
    [InlineData(1000, 2, "clear a:500")]
    [InlineData(2000, 3, "a:700")]
    public void Item_IsOneItem_AlsoWhereAClipCameBetween(int wait, int marksReturned, string expected)
    {
        Started("r1");
        Mark[] marks = [Send("r1", "a", 400), SendClip(500), Send("r1", "a", 300)];
        int[] ends = [400, 900, 1200];
        for (var i = 0; i < marksReturned; i++)
        {
            Wait(ends[i] - (i == 0 ? 0 : ends[i - 1]));
            _playback.MarkReturned(marks[i]);
        }

        Wait(wait - (marksReturned == 0 ? 0 : ends[marksReturned - 1]));

        Assert.Equal(expected, Interrupt());
    }

    [Fact]
    public void Item_IsOneItem_AlsoWhereItsBeginningWasHeardLongAgo()
    {
        Started("r1");
        var first = Send("r1", "a", 400);
        var clip = SendClip(500);
        Wait(400);
        _playback.MarkReturned(first);
        Wait(500);
        _playback.MarkReturned(clip);
        Send("r1", "a", 300);
        Wait(100);

        Assert.Equal("clear a:500", Interrupt());
    }

    [Fact]
    public void Response_HasSpoken_OnceItsAudioWasSent()
    {
        Started("r1");
        Assert.False(Ended("r1"));

        Started("r2");
        Send("r2", "a", 100);
        Assert.True(Ended("r2"));
    }

    [Fact]
    public void Response_HasSpoken_AlsoWhereAllOfItWasHeardAndMoreFollowed()
    {
        Started("r1");
        var mark = Send("r1", "a", 100);
        SendClip(100);
        _playback.MarkReturned(mark);

        Assert.True(Ended("r1"));
    }

    [Fact]
    public void Response_HasSpoken_AlsoWhereItWasInterrupted()
    {
        Started("r1");
        Send("r1", "a", 100);
        Interrupt();

        Assert.True(Ended("r1"));
    }

    [Fact]
    public void Response_HasNotSpoken_WhereOnlyAClipPlayed()
    {
        SendClip(100);
        Started("r1");

        Assert.False(Ended("r1"));
        Assert.False(_playback.ResponseEnded(default, out _));
    }

    [Fact]
    [Trait("Proves", "R14")]
    public void Response_IsCutOff_AfterFourMinutes_InLessThanTwoMegabytes()
    {
        Started("r1");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sent = 0;
        while (TrySend("r1", "a"))
        {
            sent++;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2 * 1024 * 1024);
        Assert.Equal(4 * 60 * 50, sent);
        Assert.False(TrySend("r1", "b"));
        Assert.True(_playback.IsFirstLateAudioOf(Bytes("a"), out var milliseconds));
        Assert.Equal(240_000, milliseconds);
        Assert.Equal("clear", Interrupt());

        Started("r2");
        Assert.True(TrySend("r2", "c"));
    }

    [Fact]
    [Trait("Proves", "R14")]
    public void Response_IsCutOff_HoweverSmallItsPieces()
    {
        Started("r1");
        for (var sent = 0; sent < 20_000; sent++)
        {
            if (!_playback.TryAdd(Bytes("r1"), Bytes("a"), 1, out _))
            {
                return;
            }
        }

        Assert.Fail("It goes on for ever.");
    }

    [Fact]
    public void OldSessionsItems_AreCleared_AndAreNoneOfTheNewOnes()
    {
        Started("r1");
        Send("r1", "a", 1000);
        _playback.SessionStarted();
        Wait(400);

        Assert.False(TrySend("r1", "a"));
        var interruption = _playback.Interrupt()!;
        Assert.True(interruption.MustClear);
        var heard = Assert.Single(interruption.Items);
        Assert.Equal((400, 1000, false), (heard.Milliseconds, heard.Sent, heard.IsOfThisSession));
    }

    [Fact]
    public void ShareHeard_GrowsWithWhatIsPlayed()
    {
        Started("r1");
        var mark = Send("r1", "a", 1000);
        Assert.Equal(0, _playback.ShareHeard(Bytes("a")));
        Wait(250);
        Assert.Equal(0.25, _playback.ShareHeard(Bytes("a")));
        Wait(750);
        _playback.MarkReturned(mark);
        Ended("r1");

        Assert.Equal(1, _playback.ShareHeard(Bytes("a")));
        Assert.Equal(0, _playback.ShareHeard(Bytes("never sent")));
        Assert.True(_playback.WasSent(Bytes("a")));
        Assert.False(_playback.WasSent(Bytes("never sent")));
    }

    [Fact]
    public void Remaining_IsWhatIsStillToBeHeard()
    {
        Assert.Equal(TimeSpan.Zero, _playback.Remaining);

        SendClip(1000);
        Wait(300);
        Assert.Equal(TimeSpan.FromMilliseconds(700), _playback.Remaining);

        Wait(5000);
        Assert.Equal(TimeSpan.Zero, _playback.Remaining);
    }

    [Fact]
    public async Task Drained_Completes_WhenTheLastMarkIsBack()
    {
        var first = SendClip(100);
        var drained = _playback.DrainedAsync();
        var also = _playback.DrainedAsync();
        var second = SendClip(100);

        _playback.MarkReturned(first);
        Assert.False(drained.IsCompleted);
        _playback.MarkReturned(second);

        await drained.WaitAsync(TestTimeout.Token);
        await also.WaitAsync(TestTimeout.Token);
    }

    [Fact]
    public async Task Drained_Completes_WhenTheCallerInterrupts()
    {
        SendClip(100);
        var drained = _playback.DrainedAsync();

        Interrupt();

        await drained.WaitAsync(TestTimeout.Token);
    }

    [Fact]
    public void Drained_IsCompleted_WhereNothingWasSent()
    {
        Assert.True(_playback.DrainedAsync().IsCompleted);

        _playback.MarkReturned(SendClip(100));
        Assert.True(_playback.DrainedAsync().IsCompleted);

        SendClip(100);
        Assert.False(_playback.DrainedAsync().IsCompleted);
    }

    private void Started(string response) => _playback.ResponseStarted(Bytes(response));

    private bool Ended(string response) => _playback.ResponseEnded(Bytes(response), out _);

    private void Wait(int milliseconds) => _time.Advance(TimeSpan.FromMilliseconds(milliseconds));

    private Mark[] Send(string response, string item, params int[] milliseconds) => [.. milliseconds.Select(length => Send(response, item, length))];

    private Mark Send(string response, string item, int milliseconds)
    {
        Assert.True(_playback.TryAdd(Bytes(response), Bytes(item), 8 * milliseconds, out var mark));
        return mark;
    }

    private Mark SendClip(int milliseconds) => Send("", "", milliseconds);

    private bool TrySend(string response, string item) => _playback.TryAdd(Bytes(response), Bytes(item), 160, out _);

    private bool IsFirstLate(string item) => _playback.IsFirstLateAudioOf(Bytes(item), out _);

    private string? Interrupt() => _playback.Interrupt() is { } interruption
        ? string.Join(' ', new[] { interruption.MustClear ? "clear" : "" }
            .Concat(interruption.Items.Select(item => $"{Encoding.ASCII.GetString(item.ItemId)}:{item.Milliseconds}"))
            .Where(part => part is not ""))
        : null;

    private static byte[] Bytes(string id) => Encoding.ASCII.GetBytes(id);
}
