using System.Text;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class RecentIdsTests
{
    private readonly RecentIds _ids = new();

    [Fact]
    public void Id_IsKnown_OnceAdded()
    {
        Assert.False(Contains("a"));
        Assert.True(Add("a"));
        Assert.True(Contains("a"));
        Assert.False(Contains("A"));
        Assert.False(Contains("aa"));
        Assert.False(Add("a"));
    }

    [Fact]
    public void Nothing_IsNoId()
    {
        Assert.False(Add(""));
        Assert.False(Contains(""));
    }

    [Fact]
    public void Oldest_IsForgotten_BeyondSixteen()
    {
        for (var i = 0; i < 16; i++)
        {
            Add($"id{i}");
        }

        Assert.True(Contains("id0"));
        Add("id16");

        Assert.False(Contains("id0"));
        Assert.All(Enumerable.Range(1, 16), i => Assert.True(Contains($"id{i}")));
    }

    [Fact]
    public void Nothing_IsForgotten_ForAnIdThatIsKnown()
    {
        for (var i = 0; i < 100; i++)
        {
            Add($"id{i % 16}");
        }

        Assert.All(Enumerable.Range(0, 16), i => Assert.True(Contains($"id{i}")));
    }

    [Fact]
    public void Id_IsACopy_OfWhatStoodInTheBuffer()
    {
        var buffer = "a"u8.ToArray();
        _ids.Add(buffer);

        buffer[0] = (byte)'b';

        Assert.True(Contains("a"));
        Assert.False(Contains("b"));
    }

    private bool Add(string id) => _ids.Add(Encoding.ASCII.GetBytes(id));

    private bool Contains(string id) => _ids.Contains(Encoding.ASCII.GetBytes(id));
}
