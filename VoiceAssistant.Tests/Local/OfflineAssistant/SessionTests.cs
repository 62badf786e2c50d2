using System.Net;
using System.Net.WebSockets;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class SessionTests
{
    [Fact]
    public async Task Session_BeginsWithTheDefaultsOfTheGaInterface()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.ConnectAsync("?model=my%20model");

        var session = (await client.ReceiveAsync("session.created")).GetProperty("session");

        Assert.Equal("my model", session.At("model"));
        Assert.Equal($"{host.Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds()}", session.At("expires_at"));
        Assert.Equal("realtime", session.At("type"));
        Assert.Equal("audio/pcm", session.At("audio.input.format.type"));
        Assert.Equal("server_vad", session.At("audio.input.turn_detection.type"));
        Assert.Equal("marin", session.At("audio.output.voice"));
    }

    [Theory]
    [InlineData("?model=gpt-realtime-2.1", true, "beta_api_shape_disabled")]
    [InlineData("", false, "missing_model")]
    public async Task Session_IsRefused_WithAnErrorAndClose4000(string query, bool beta, string code)
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.ConnectAsync(query, options =>
        {
            if (beta)
            {
                options.SetRequestHeader("OpenAI-Beta", "realtime=v1");
            }
        });

        Assert.Equal(code, (await client.ReceiveErrorAsync()).At("code"));
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal((WebSocketCloseStatus)4000, client.Socket.CloseStatus);
        Assert.Equal($"invalid_request_error.{code}", client.Socket.CloseStatusDescription);
    }

    [Fact]
    public async Task Session_Expires_AfterAnHour()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        host.Time.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromMilliseconds(1));
        Assert.Empty(await client.ReceivePendingAsync());
        host.Time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal("session_expired", (await client.ReceiveErrorAsync()).At("code"));
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.Socket.CloseStatus);
    }

    [Fact]
    public async Task Session_GivesUpAPeer_ThatDoesNotAnswerTheClose()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        host.Time.Advance(TimeSpan.FromMinutes(60));
        await client.ReceiveErrorAsync();
        Assert.Null(await client.ReceiveAsync());
        var ended = host.FirstSessionEnded;
        Assert.False(ended.IsCompleted);

        // The grace begins at some moment after the close frame left: time passes until it is over.
        while (!ended.IsCompleted)
        {
            host.Time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        await ended;
    }

    [Fact]
    public async Task Session_EndsWithTheProcess()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        var stopping = host.StopAsync();

        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.Socket.CloseStatus);
        await client.Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        await stopping.WaitAsync(OfflineHost.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Session_ClosesNormally_WhenTheClientDoes()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.Socket.CloseStatus);
        await host.FirstSessionEnded;
    }

    [Fact]
    public async Task Session_EndsWhenThePeerVanishes_InTheMiddleOfAResponse()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync("""{"type":"response.create"}""");
        await client.ReceiveAsync("response.created");
        client.Socket.Abort();

        await host.FirstSessionEnded;
        host.Time.Advance(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Session_EndsWhenThePeer_DoesNotReadWhatItAsksFor()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync("null");

        await client.AppendAsync(Sound.Silence(10 * 60_000), 1_000_000);
        await client.SendAsync("""{"type":"input_audio_buffer.commit"}""");
        var itemId = (await client.ReceiveAsync("input_audio_buffer.committed")).At("item_id");
        try
        {
            // Each answer is 6.4 MB.
            for (var asked = 0; asked < 20; asked++)
            {
                await client.SendAsync($$"""{"type":"conversation.item.retrieve","item_id":"{{itemId}}"}""");
            }
        }
        catch (WebSocketException)
        {
            // The server has given up before the last question.
        }

        await host.FirstSessionEnded;
    }

    [Fact]
    public async Task Sessions_DoNotKnowEachOther()
    {
        await using var host = await OfflineHost.StartAsync();
        using var one = await host.CallAsync();
        using var other = await host.CallAsync();

        await one.AppendAsync(Sound.Tone(300));
        await one.ReceiveUntilAsync("input_audio_buffer.speech_started");
        await one.SendAsync("""{"type":"response.create"}""");
        await one.ReceivePendingAsync();

        Assert.Empty(await other.ReceivePendingAsync());
    }

    [Fact]
    public async Task Message_ClosesTheSession_BeyondSixteenMebibytes()
    {
        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        await client.SendAsync(new string(' ', 16 * 1024 * 1024));
        Assert.Equal("invalid_event", (await client.ReceiveErrorAsync()).At("code"));

        await client.SendAsync(new string(' ', (16 * 1024 * 1024) + 1));
        Assert.Null(await client.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, client.Socket.CloseStatus);
    }

    [Fact]
    public async Task Request_IsABadOne_WithoutAWebSocket()
    {
        await using var host = await OfflineHost.StartAsync();
        using var http = new HttpClient { BaseAddress = host.Address };

        var answer = await http.GetAsync(new Uri("/v1/realtime?model=m", UriKind.Relative), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task SubProtocol_IsRealtime_OnlyWhenOffered()
    {
        await using var host = await OfflineHost.StartAsync();

        using var with = await host.ConnectAsync(configure: options =>
        {
            options.AddSubProtocol("openai-insecure-api-key.none");
            options.AddSubProtocol("realtime");
        });
        using var without = await host.ConnectAsync();

        Assert.Equal("realtime", with.Socket.SubProtocol);
        Assert.Null(without.Socket.SubProtocol);
    }
}
