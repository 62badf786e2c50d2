using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class MomentScheduleTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider _time = new();
    private readonly MomentSchedule _schedule;

    public MomentScheduleTests() => _schedule = new(_time);

    [Fact]
    public void Moment_IsDue_AfterThreeSecondsOfWaitingInSilence()
    {
        Assert.Equal(3.0, SecondsUntilDue());
    }

    [Fact]
    public void Moment_IsDueAgain_FiveSecondsAfterTheLast()
    {
        SecondsUntilDue();
        _schedule.Said(pieces: 1);

        // The words themselves last a second and a half.
        Assert.Equal(0, Pass(1.5, hears: true, pieces: 1));
        Assert.Equal(3.5, SecondsUntilDue(pieces: 1), tolerance: 0.25);
    }

    [Fact]
    public void Moment_IsNotDue_WhereNobodyWaits() => Assert.Equal(0, Pass(60, waits: false));

    [Fact]
    public void Moment_IsNotDue_WhileThereIsSomethingToHear() => Assert.Equal(0, Pass(60, hears: true));

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Silence_BeginsAnew_WhenItWasBroken(bool waits, bool hears)
    {
        Assert.Equal(0, Pass(2.75));
        Assert.Equal(0, Pass(0.25, waits, hears));

        Assert.Equal(3.0, SecondsUntilDue());
    }

    [Fact]
    public void Moment_IsDueSooner_WhereSomethingElseWasSaidSince()
    {
        _schedule.Said(pieces: 1);
        Assert.Equal(Patience.AnotherMoment, _schedule.Left(pieces: 1));

        Assert.Equal(TimeSpan.Zero, _schedule.Left(pieces: 2));
        Assert.Equal(3.0, SecondsUntilDue(pieces: 2));
    }

    [Fact]
    public void Waiting_IsCounted_WhateverIsHeardMeanwhile()
    {
        Pass(4);
        _schedule.Said(pieces: 1);
        Pass(4, hears: true, pieces: 1);
        Assert.Equal(8.0, _schedule.Waited.TotalSeconds, tolerance: 0.25);

        Pass(0.25, waits: false, pieces: 1);
        Assert.Equal(TimeSpan.Zero, _schedule.Waited);
    }

    private double SecondsUntilDue(int pieces = 0)
    {
        var since = _time.GetTimestamp();
        while (!_schedule.IsDue(waits: true, hears: false, pieces))
        {
            _time.Advance(Tick);
            Assert.InRange(_time.GetElapsedTime(since).TotalSeconds, 0, 60);
        }

        return _time.GetElapsedTime(since).TotalSeconds;
    }

    /// <returns>How often it was due.</returns>
    private int Pass(double seconds, bool waits = true, bool hears = false, int pieces = 0)
    {
        var due = 0;
        for (var passed = 0.0; passed < seconds; passed += Tick.TotalSeconds)
        {
            due += _schedule.IsDue(waits, hears, pieces) ? 1 : 0;
            _time.Advance(Tick);
        }

        return due;
    }
}
