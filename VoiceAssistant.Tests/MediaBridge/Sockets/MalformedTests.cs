using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.Tests.MediaBridge.Sockets;

[Trait("Proves", "R25")]
public sealed class MalformedTests
{
    private readonly FakeTimeProvider _time = new();

    // Seconds at which something unreadable comes, and whether the last of them is too many.
    [Theory]
    [InlineData(false, 0.0)]
    [InlineData(false, 0.0, 0.0)]
    [InlineData(true, 0.0, 0.0, 0.0)]
    [InlineData(true, 0.0, 5.0, 10.0)]
    [InlineData(false, 0.0, 5.0, 10.1)]
    [InlineData(false, 0.0, 5.1, 10.2, 15.3, 20.4)]
    [InlineData(true, 0.0, 5.1, 10.2, 15.3, 15.4)]
    [InlineData(false, 0.0, 0.0, 11.0, 11.0, 22.0, 22.0)]
    [InlineData(true, 0.0, 0.0, 11.0, 11.0, 11.0)]
    public void Third_IsTooMany_WithinTenSeconds(bool tooMany, params double[] seconds)
    {
        var malformed = new Malformed(_time);
        var start = _time.GetUtcNow();

        var last = false;
        foreach (var second in seconds)
        {
            Assert.False(last);
            _time.SetUtcNow(start + TimeSpan.FromSeconds(second));
            last = malformed.Add();
        }

        Assert.Equal(tooMany, last);
    }
}
