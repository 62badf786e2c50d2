using System.Text;
using Microsoft.Extensions.Options;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>A whole conversation's events: Twilio gets only its three messages, and the model hears of no more audio than it sent.</summary>
internal sealed class ModelPumpTarget : IFuzzTarget
{
    private const int BytesPerMillisecond = 8;

    private static readonly StreamStart Start = new(
        Encoding.ASCII.GetBytes(TwilioSeeds.Stream.StreamSid), TwilioSeeds.Stream.CallSid, TwilioSeeds.Stream.AccountSid, "");

    public string Name => "conversation";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Lines.Join(RealtimeSeeds.Interrupted.Select(Encoding.UTF8.GetBytes)), Lines.Join(RealtimeSeeds.Failing.Select(Encoding.UTF8.GetBytes)),
        Lines.Join(RealtimeSeeds.Silent.Select(Encoding.UTF8.GetBytes)), Lines.Join(Corpus.Realtime),
        .. RealtimeSeeds.Refused.Select(Encoding.UTF8.GetBytes),
    ];

    public int MaxLength => 256 * 1024;

    public string Run(ReadOnlySpan<byte> input)
    {
        var time = TimeProvider.System;
        var log = new LogCheck();
        var sent = new SentCheck();
        var events = Lines.Split(input.ToArray()).Select(message =>
        {
            sent.Arrived(message);
            return message;
        });

        using var twilioSocket = new ScriptedSocket([], sent.CheckToCaller);
        using var modelSocket = new ScriptedSocket(events, sent.CheckToModel);
        using var reader = new MessageReader(twilioSocket, 4096);
        var caller = new TwilioStream(twilioSocket, reader, Start, time);
        var model = new RealtimeSession(modelSocket, time);
        using var trace = UnwatchedCall.Begin();
        var playback = new Playback(time);
        var oneMoment = new OneMoment(caller, playback, trace.Turns, time);
        var pump = new ModelPump(
            model, caller, playback, oneMoment, trace.Turns, new Transcript(time), new Floor(OpenTurn.Greeting), "Hello!", time, log);

        AtOnce.Wait(model.ConfigureAsync(new SessionSettings(Options.Create(new RealtimeOptions()), log), CancellationToken.None));
        AtOnce.Wait(pump.AskAsync(CancellationToken.None));
        pump.Start(CancellationToken.None);
        var lost = AtOnce.Result(pump.Ended);
        LogCheck.Check(lost.Message);
        var end = lost.Message.Split('(')[0];

        AtOnce.Wait(caller.DisposeAsync().AsTask());
        AtOnce.Wait(pump.DisposeAsync().AsTask());
        return $"{end}, {sent}, {string.Join(' ', log.Events.Order())}";
    }

    /// <summary>Both sides' sent messages, against what came from the model so far.</summary>
    private sealed class SentCheck
    {
        private readonly Dictionary<string, long> _received = [];
        private readonly HashSet<string> _kinds = [];

        public void Arrived(ReadOnlyMemory<byte> message)
        {
            using var document = PlainJson.TryParseObject(message);
            if (document is null)
            {
                return;
            }

            // Read generously: it only has to be an upper bound.
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (PlainJson.Name(property).AsSpan().SequenceEqual("item_id"u8) && PlainJson.Text(property.Value) is { } item)
                {
                    var name = Encoding.UTF8.GetString(item);
                    _received[name] = _received.GetValueOrDefault(name) + message.Length;
                }
            }
        }

        public void CheckToCaller(ReadOnlyMemory<byte> message)
        {
            using var document = PlainJson.TryParseObject(message);
            FindingException.ThrowIf(document is null, "What goes to Twilio is no JSON.");
            var root = document.RootElement;
            var kind = root.GetProperty("event").GetString()!;
            FindingException.ThrowIf(!root.GetProperty("streamSid").ValueEquals(TwilioSeeds.Stream.StreamSid), "What goes to Twilio is for another stream.");
            FindingException.ThrowIf(root.EnumerateObject().Count() != (kind is "clear" ? 2 : 3), "What goes to Twilio has other fields.");
            switch (kind)
            {
                case "media":
                    FindingException.ThrowIf(root.GetProperty("media").GetProperty("payload").GetBytesFromBase64().Length == 0, "A frame is empty.");
                    break;
                case "mark":
                    var name = Encoding.UTF8.GetBytes(root.GetProperty("mark").GetProperty("name").GetString()!);
                    FindingException.ThrowIf(!Mark.TryParse(name, out _), "A mark cannot be read when it comes back.");
                    break;
                default:
                    FindingException.ThrowIf(kind is not "clear", "What goes to Twilio is no message that it takes.");
                    break;
            }

            _kinds.Add(kind);
        }

        public void CheckToModel(ReadOnlyMemory<byte> message)
        {
            using var document = PlainJson.TryParseObject(message);
            FindingException.ThrowIf(document is null, "What goes to the model is no JSON.");
            var type = document.RootElement.GetProperty("type").GetString()!;
            FindingException.ThrowIf(
                type is not ("session.update" or "response.create" or "response.cancel" or "conversation.item.create" or "conversation.item.truncate"),
                "What goes to the model is another event.");
            if (type is "conversation.item.truncate")
            {
                var item = document.RootElement.GetProperty("item_id").GetString()!;
                var heard = document.RootElement.GetProperty("audio_end_ms").GetInt64();
                FindingException.ThrowIf(!_received.TryGetValue(item, out var received), "An item is truncated that never came.");
                FindingException.ThrowIf(heard < 0 || heard > received / BytesPerMillisecond, "More of an item was heard than came.");
            }

            _kinds.Add(type);
        }

        public override string ToString() => string.Join(' ', _kinds.Order());
    }
}
