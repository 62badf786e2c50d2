using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using VoiceAssistant.Calls.Budgets;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.WarmUps;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.WarmUps;

/// <summary>One call's stream: the caller is greeted, interrupts, is answered, presses a key and hangs up.</summary>
internal sealed class BridgeWarmUp : WarmUp
{
    private const string StreamSid = "MZ00000000000000000000000000000000";
    private const string Model = "/model";

    public override Dictionary<string, string?> Settings(Uri url) => new()
    {
        ["REALTIME_URL"] = $"ws://{url.Authority}{Model}",
        ["GREETING"] = "Hello.",
        ["WARM_SESSIONS"] = "0",
    };

    public override void Add(WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.AddStreams();
        builder.AddRealtime();
        builder.AddRelay();
    }

    public override void Map(WebApplication app)
    {
        app.MapStreams();
        app.MapGet(Model, WarmUpModel.ServeAsync);
    }

    public override async Task CallAsync(WarmUpContext context, CancellationToken cancellationToken)
    {
        var call = context.Call;
        var token = await context.Services.GetRequiredService<CallRecords>().IssueTokenAsync(call, cancellationToken);
        await context.Services.GetRequiredService<CallBudgets>().ReserveAsync(call, cancellationToken);

        using var twilio = new ClientWebSocket();
        twilio.Options.Proxy = null;
        twilio.Options.SetRequestHeader(
            TwilioSignature.HeaderName, TwilioSignature.Compute(context.AuthToken, $"wss{WarmUpContext.PublicUrl["https".Length..]}{StreamEndpoints.MediaStream}", []));
        await twilio.ConnectAsync(new Uri($"ws://{context.Url.Authority}{StreamEndpoints.MediaStream}"), cancellationToken);
        await SendAsync("""{"event":"connected","protocol":"Call","version":"1.0.0"}""");
        await SendAsync(
            $$$$"""
            {"event":"start","streamSid":"{{{{StreamSid}}}}","start":{"streamSid":"{{{{StreamSid}}}}","callSid":"{{{{call.CallSid}}}}","accountSid":"{{{{call.AccountSid}}}}",
            "tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"token":"{{{{token?.Value}}}}"}}}
            """);
        var silence = Encoding.ASCII.GetString(Silence.FrameBase64);
        for (var frame = 1; frame <= WarmUpModel.FramesToInterrupt; frame++)
        {
            await SendAsync($$$"""{"event":"media","streamSid":"{{{StreamSid}}}","media":{"track":"inbound","chunk":"{{{frame}}}","timestamp":"{{{frame * 20}}}","payload":"{{{silence}}}"}}""");
        }

        await ListenAsync();
        await SendAsync($$$"""{"event":"dtmf","streamSid":"{{{StreamSid}}}","dtmf":{"track":"inbound_track","digit":"1"}}""");
        await SendAsync($$$"""{"event":"stop","streamSid":"{{{StreamSid}}}","stop":{"accountSid":"{{{call.AccountSid}}}","callSid":"{{{call.CallSid}}}"}}""");
        await twilio.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);

        // Until the answer to what the caller has said has been heard.
        async Task ListenAsync()
        {
            using var reader = new MessageReader(twilio, 64 * 1024);
            for (var hasInterrupted = false; await reader.ReadAsync(cancellationToken);)
            {
                var message = JsonNode.Parse(reader.Message.Span)!;
                switch ((string?)message["event"])
                {
                    case "clear":
                        hasInterrupted = true;
                        break;
                    case "mark" when hasInterrupted:
                        await SendAsync($$$"""{"event":"mark","streamSid":"{{{StreamSid}}}","mark":{"name":"{{{(string?)message["mark"]!["name"]}}}"}}""");
                        return;
                }
            }

            throw new InvalidDataException("The bridge closed the stream before the caller was answered.");
        }

        Task SendAsync(string message) => twilio.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
    }
}
