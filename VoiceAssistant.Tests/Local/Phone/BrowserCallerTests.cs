using System.Net.WebSockets;
using System.Text;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone;

public sealed class BrowserCallerTests : IAsyncLifetime
{
    private PhoneHost _host = null!;
    private PageConnection _page = null!;

    private static CancellationToken Timeout => TestTimeout.Token;

    private FakeService Service => _host.Service;

    public async ValueTask InitializeAsync()
    {
        _host = await PhoneHost.StartAsync();
        _page = await PageConnection.OpenAsync(_host, Timeout);
    }

    public async ValueTask DisposeAsync()
    {
        _page.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Frames_ReachTheService_Unchanged()
    {
        await _page.CallAsync(Timeout);

        foreach (var frame in Frames())
        {
            await _page.SendAsync(frame, Timeout);
        }

        foreach (var frame in Frames())
        {
            Assert.Equal(frame, await Service.ReceiveSoundAsync(Timeout));
        }
    }

    [Fact]
    public async Task Frames_AreForgotten_WhenNobodyWasThereYet()
    {
        await _page.SendAsync(Frames().Last(), Timeout);

        await _page.CallAsync(Timeout);
        await _page.SendAsync(Frames().First(), Timeout);

        Assert.Equal(Frames().First(), await Service.ReceiveSoundAsync(Timeout));
    }

    [Fact]
    public async Task Frames_ReachThePage_Unchanged()
    {
        await _page.CallAsync(Timeout);

        await Service.PlayAsync([.. Frames().SelectMany(frame => frame)], Timeout);

        foreach (var frame in Frames())
        {
            Assert.Equal(frame, await _page.ReceiveSoundAsync(Timeout));
        }
    }

    [Fact]
    public async Task Key_ReachesTheService()
    {
        await _page.CallAsync(Timeout);

        await _page.SendAsync("""{"type":"dtmf","digit":"#"}""", Timeout);

        var message = await Service.ReceiveAsync("dtmf", Timeout);
        Assert.Equal("#", message.GetProperty("dtmf").GetProperty("digit").GetString());
    }

    [Fact]
    public async Task HangUp_EndsTheCallAndTheConnection()
    {
        await _page.CallAsync(Timeout);

        await _page.SendAsync("""{"type":"hangup"}""", Timeout);

        await Service.ReceiveAsync("stop", Timeout);
        var ended = await _page.ReceiveEventAsync(PhoneEventKind.Ended, Timeout);
        Assert.Equal(CallEnd.CallerHungUp.Reason, ended.GetProperty("text").GetString());
        await _page.ReceiveCloseAsync(Timeout);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, _page.CloseStatus);
    }

    [Fact]
    public async Task ClosedTab_HangsUp()
    {
        await _page.CallAsync(Timeout);

        _page.Dispose();

        await Service.ReceiveAsync("stop", Timeout);
    }

    [Fact]
    public async Task Times_ReachThePage_InMilliseconds()
    {
        await _page.CallAsync(Timeout);

        var times = await _page.ReceiveAsync("times", Timeout);

        Assert.True(times.GetProperty("webhookAnswer").GetInt64() >= 0);
        Assert.True(times.GetProperty("connected").GetInt64() >= times.GetProperty("webhookAnswer").GetInt64());
        Assert.Empty(times.GetProperty("answers").EnumerateArray());
        Assert.Empty(times.GetProperty("warnings").EnumerateArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("call")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"type":7}""")]
    [InlineData("""{"type":"call"}""")]
    [InlineData("""{"type":"dtmf"}""")]
    [InlineData("""{"type":"dtmf","digit":"12"}""")]
    [InlineData("""{"type":"dtmf","digit":"A"}""")]
    [InlineData("""{"type":"nothing","of":{"ours":1}}""")]
    public async Task Message_IsPassedOver_WhenItIsNoCommand(string message)
    {
        await _page.CallAsync(Timeout);

        await _page.SendAsync(message, Timeout);
        await _page.SendAsync([1, 2, 3], Timeout);
        await _page.SendAsync(new byte[161], Timeout);
        await _page.SendAsync(Frames().First(), Timeout);

        Assert.Equal(Frames().First(), await Service.ReceiveSoundAsync(Timeout));
    }

    [Fact]
    public async Task Call_IsHungUp_WhenAMessageHasNoEnd()
    {
        await _page.CallAsync(Timeout);

        await _page.SendAsync(new string(' ', 2000), Timeout);

        await Service.ReceiveAsync("stop", Timeout);
        await _page.ReceiveCloseAsync(Timeout);
    }

    [Fact]
    public async Task Command_DoesNothing_BeforeTheCall()
    {
        await _page.SendAsync("""{"type":"hangup"}""", Timeout);
        await _page.SendAsync("""{"type":"dtmf","digit":"1"}""", Timeout);

        await _page.CallAsync(Timeout);
    }

    [Fact]
    public async Task TwoPages_MayCall_AtOnce()
    {
        using var other = await PageConnection.OpenAsync(_host, Timeout);
        await _page.CallAsync(Timeout);
        await other.CallAsync(Timeout);

        await _page.SendAsync(Frames().First(), Timeout);
        Assert.Equal(Frames().First(), await Service.ReceiveSoundAsync(Timeout));
        await other.SendAsync(Frames().Last(), Timeout);
        Assert.Equal(Frames().Last(), await Service.ReceiveSoundAsync(Timeout));
    }

    [Fact]
    public async Task Audio_IsDropped_ForAPageThatDoesNotRead_AndItsNewsIsNot()
    {
        using var socket = new StalledSocket();
        using var http = new HttpClient();
        var caller = new BrowserCaller(socket, new("http://127.0.0.1:1", "token", "AC", "+15550100", "+15550199"), http, TimeProvider.System);
        var running = caller.RunAsync(Timeout);

        for (var i = 0; i < 1000; i++)
        {
            caller.Hear(Frames().First());
        }

        caller.Notice(new(PhoneEventKind.Said, "Goodbye."));
        socket.Resume();
        await running.WaitAsync(Timeout);

        // 50 that waited, one on its way, the times among them, and the news.
        Assert.InRange(socket.Sent.Count, 2, 55);
        Assert.Equal("""{"type":"event","kind":"Said","text":"Goodbye."}""", Encoding.UTF8.GetString(socket.Sent[^1]));
    }

    // No two frames are the same, and none is silent.
    private static IEnumerable<byte[]> Frames() =>
        Enumerable.Range(1, 10).Select(n => Enumerable.Range(0, 160).Select(i => (byte)((n * 7) + i)).ToArray());
}
