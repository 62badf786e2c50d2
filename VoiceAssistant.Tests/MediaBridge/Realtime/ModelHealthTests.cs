using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

[Trait("Proves", "R2")]
public sealed class ModelHealthTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ModelHealth _health;

    public ModelHealthTests() => _health = new ModelHealth(_time);

    [Fact]
    public void Circuit_Opens_AtTheFifthFailureInThirtySeconds()
    {
        Fail(4, apart: TimeSpan.FromSeconds(7));
        Assert.True(_health.TryEnter());

        _health.Failed();

        Assert.True(_health.IsOpen);
        Assert.False(_health.TryEnter());
        Assert.Equal(TimeSpan.FromSeconds(15), _health.RetryIn);
    }

    [Fact]
    public void Circuit_StaysClosed_WhereFailuresAreFarApart()
    {
        Fail(20, apart: TimeSpan.FromSeconds(8));

        Assert.False(_health.IsOpen);
        Assert.Equal(TimeSpan.Zero, _health.RetryIn);
    }

    [Fact]
    public void Circuit_StaysClosed_WhereTriesSucceedInBetween()
    {
        for (var i = 0; i < 20; i++)
        {
            Fail(4, TimeSpan.Zero);
            _health.Succeeded();
        }

        Assert.False(_health.IsOpen);
    }

    [Fact]
    public void OneProbe_IsAdmitted_AfterTheBreak()
    {
        Fail(5, TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(15));

        Assert.True(_health.TryEnter());
        Assert.False(_health.TryEnter());
        Assert.InRange(_health.RetryIn, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1));

        _health.Succeeded();
        Assert.False(_health.IsOpen);
        Assert.True(_health.TryEnter());
    }

    [Fact]
    public void Break_BeginsAnew_WhereTheProbeFails()
    {
        Fail(5, TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.True(_health.TryEnter());
        _health.Failed();

        _time.Advance(TimeSpan.FromSeconds(14.9));
        Assert.False(_health.TryEnter());
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.True(_health.TryEnter());
    }

    [Fact]
    public void NextProbe_IsAdmitted_WhereNobodyWaitedForTheLast()
    {
        Fail(5, TimeSpan.Zero);
        _time.Advance(TimeSpan.FromSeconds(15));
        Assert.True(_health.TryEnter());

        _health.Abandoned();

        Assert.True(_health.IsOpen);
        Assert.True(_health.TryEnter());
    }

    private void Fail(int times, TimeSpan apart)
    {
        for (var i = 0; i < times; i++)
        {
            _health.Failed();
            _time.Advance(apart);
        }
    }
}
