namespace VoiceAssistant.Tests.Fakes;

/// <summary>A call that has begun: admitted, and the model has taken its settings and been asked for the greeting.</summary>
internal sealed class TestCall(FakeRealtimeServer server, BridgeHost bridge, FakeTwilioStream caller, FakeRealtimeSession model) : IAsyncDisposable
{
    private int _barriers;

    public FakeRealtimeServer Server { get; } = server;

    public BridgeHost Bridge { get; } = bridge;

    public FakeTwilioStream Caller { get; } = caller;

    public FakeRealtimeSession Model { get; } = model;

    public static async Task<TestCall> StartAsync(
        TimeProvider? time = null, Func<DateTimeOffset>? expiry = null, params (string Name, string Value)[] settings)
    {
        var server = await FakeRealtimeServer.StartAsync();
        server.Expiry = expiry;
        var bridge = await BridgeHost.StartAsync(server.Url, time, settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Name, setting.Value)));
        var caller = await bridge.CallAsync();
        return new TestCall(server, bridge, caller, await server.AcceptConfiguredAsync());
    }

    /// <summary>The bridge handles Twilio's messages in order: when the model hears this frame, it has handled all before it.</summary>
    public async Task BridgeHasReadEverythingAsync()
    {
        byte[] frame = [0x42, (byte)++_barriers];
        await Caller.SendAsync(
            $$$"""{"event":"media","streamSid":"{{{FakeTwilioStream.StreamSid}}}","media":{"payload":"{{{Convert.ToBase64String(frame)}}}"}}""");

        while ((string?)(await Model.ReceiveAsync("input_audio_buffer.append"))["audio"] != Convert.ToBase64String(frame))
        {
        }
    }

    /// <summary>The bridge handles the model's events in order, too: when this one is in the log, it has handled all before it.</summary>
    public async Task BridgeHasHeardAsync(FakeRealtimeSession model)
    {
        var before = Heard();
        await model.SendErrorAsync("input_audio_buffer_commit_empty");
        for (var end = TestTimeout.Token; Heard() == before;)
        {
            await Task.Delay(5, end);
        }

        int Heard() => Bridge.Log.Lines.Count(line => line.Contains("[ModelError]", StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await Caller.DisposeAsync();
        await Bridge.DisposeAsync();
        await Server.DisposeAsync();
    }
}
