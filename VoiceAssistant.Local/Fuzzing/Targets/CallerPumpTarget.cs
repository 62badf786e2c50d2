using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>A whole stream of Twilio's messages: the model hears the audio in them and nothing else, whatever stands around it.</summary>
internal sealed class CallerPumpTarget : IFuzzTarget
{
    private const int MaxMessageSize = 64 * 1024;

    // What one frame may decode to; after a gap there are up to 5 s of silence, 20 ms each.
    private const int MaxFrameBytes = 4096;
    private const int MaxSentPerMessage = 251;

    private static readonly string Silent = Encoding.ASCII.GetString(Silence.FrameBase64);

    public string Name => "caller";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Lines.Join(TwilioSeeds.Messages[2..]), Lines.Join(TwilioSeeds.Messages[2..4]), Lines.Join(TwilioSeeds.Messages), Lines.Join(Corpus.Twilio), .. TwilioSeeds.Messages[2..],
    ];

    public int MaxLength => MaxMessageSize + 1024;

    public string Run(ReadOnlySpan<byte> input)
    {
        var payloads = new HashSet<string> { Silent };
        var received = 0;
        var sent = 0;
        var messages = Lines.Split(input.ToArray()).Select(message =>
        {
            received++;
            payloads.Add(Payload(message));
            return message;
        });
        var time = TimeProvider.System;

        using var twilio = new ScriptedSocket(messages, static _ => throw new FindingException("Something is sent to Twilio."));
        using var modelSocket = new ScriptedSocket([], message =>
        {
            sent++;
            CheckAppend(message, payloads);
        });
        using var reader = new MessageReader(twilio, MaxMessageSize);
        using var audio = new CallerAudio(time);
        var start = TwilioSeeds.Stream;
        var caller = new TwilioStream(twilio, reader, new StreamStart(Encoding.ASCII.GetBytes(start.StreamSid), start.CallSid, start.AccountSid, ""), time);
        var playback = new Playback(time);
        playback.TryAdd("response"u8, "item"u8, 160, out _);
        var options = Options.Create(new RealtimeOptions());
        var health = new ModelHealth(time);
        var settings = new SessionSettings(options, NullLogger<SessionSettings>.Instance);
        var connector = new RealtimeConnector(options, settings, health, UnwatchedCall.Model, time);
        using var warm = new WarmSessions(connector, health, options, time, NullLogger<WarmSessions>.Instance);
        using var trace = UnwatchedCall.Begin();
        using var conversation = new Conversation(
            caller, audio, playback, trace, new RealtimeSessions(connector, warm, settings), options.Value, resumed: null, time, NullLogger.Instance);
        var model = new RealtimeSession(modelSocket, time);
        AtOnce.Wait(audio.ConnectAsync(model, CancellationToken.None));
        var pump = new CallerPump(caller, audio, playback, conversation, time);

        var end = AtOnce.Result(pump.RunAsync(CancellationToken.None));

        AtOnce.Wait(caller.DisposeAsync().AsTask());
        AtOnce.Wait(model.DisposeAsync().AsTask());
        FindingException.ThrowIf(end is not (CallEnd.CallerLeft or CallEnd.CallerViolation), "The stream ends as if it had broken.");
        FindingException.ThrowIf(end is CallEnd.CallerViolation != pump.Violation is not null, "The violation is not told.");
        FindingException.ThrowIf(pump.Frames > received || sent > received * MaxSentPerMessage, "More is sent to the model than came from the caller.");
        return $"{end}, {pump.Violation?.Status} {pump.Violation?.Message}, {(sent == 0 ? "nothing" : sent == pump.Frames ? "all" : "all and silence")} sent";
    }

    private static string Payload(ReadOnlyMemory<byte> message)
    {
        using var document = PlainJson.TryParseObject(message);
        return document is null ? "" : Encoding.UTF8.GetString(PlainTwilioMessage.Read(document.RootElement).Payload);
    }

    private static void CheckAppend(ReadOnlyMemory<byte> message, HashSet<string> payloads)
    {
        using var document = PlainJson.TryParseObject(message);
        FindingException.ThrowIf(document is null, "What goes to the model is no JSON.");
        var names = document.RootElement.EnumerateObject().Select(property => property.Name);
        FindingException.ThrowIf(!names.SequenceEqual(["type", "audio"]), "What goes to the model has other fields.");
        FindingException.ThrowIf(!document.RootElement.GetProperty("type").ValueEquals("input_audio_buffer.append"), "What goes to the model is another event.");
        var audio = document.RootElement.GetProperty("audio");
        FindingException.ThrowIf(!payloads.Contains(audio.GetString()!), "The model hears what the caller did not say.");
        FindingException.ThrowIf(audio.GetBytesFromBase64().Length is 0 or > MaxFrameBytes, "A frame is empty or too long.");
    }
}
