using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Local.Phone;

public class CallTimesTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Times_AreUnknown_UntilTheyAreMeasured()
    {
        var times = new CallTimes(_time);

        Assert.Null(times.WebhookAnswer);
        Assert.Null(times.Connected);
        Assert.Null(times.FirstMedia);
        Assert.Null(times.FirstAudible);
    }

    [Fact]
    public void Times_KeepTheFirstStream_WhereACallHasTwo()
    {
        var times = new CallTimes(_time);
        times.Dialled();
        _time.Advance(TimeSpan.FromMilliseconds(30));
        times.StreamStarted();
        _time.Advance(TimeSpan.FromSeconds(9));
        times.StreamStarted();

        Assert.Equal(TimeSpan.FromMilliseconds(30), times.Connected);
    }

    [Fact]
    public void Warnings_AreKeptOnceEach_AndAreBounded()
    {
        var times = new CallTimes(_time);
        for (var i = 0; i < 1000; i++)
        {
            times.Warn(new(31951, "the same"));
            times.Warn(new(31924, $"{i}"));
        }

        Assert.Equal(50, times.Warnings.Length);
        Assert.Single(times.Warnings, new ProtocolWarning(31951, "the same"));
    }
}
