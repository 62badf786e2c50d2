using System.Net.WebSockets;
using System.Text.Json;
using VoiceAssistant.MediaBridge.Sockets;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Everything that comes from Twilio, to where it belongs.</summary>
internal sealed class CallerPump(TwilioStream caller, CallerAudio audio, Playback playback, Conversation conversation, TimeProvider time)
{
    // Twilio sends 160 bytes.
    private const int MaxFrameBytes = 4096;

    private readonly Malformed _malformed = new(time);
    private bool _stopped;

    public long Frames { get; private set; }

    /// <summary>How Twilio broke the protocol, where that ended the call.</summary>
    public PeerViolationException? Violation { get; private set; }

    public async Task<CallEnd> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (!_stopped && await caller.ReadAsync(cancellationToken))
            {
                await HandleAsync(cancellationToken);
            }

            // A proxy that restarts closes, too, but knows nothing of a stop.
            return _stopped || caller.CloseStatus is WebSocketCloseStatus.NormalClosure ? CallEnd.CallerLeft : CallEnd.CallerLost;
        }
        catch (PeerViolationException violation)
        {
            Violation = violation;
            return CallEnd.CallerViolation;
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The latter also for an abort of ours, when no token was cancelled.
            return CallEnd.CallerLost;
        }
    }

    private ValueTask HandleAsync(CancellationToken cancellationToken)
    {
        TwilioMessage message;
        try
        {
            message = TwilioMessage.Read(caller.Message);
        }
        catch (JsonException)
        {
            return Tolerate();
        }

        if (!caller.IsForThisStream(message))
        {
            throw Violate("The message is for another stream.");
        }

        switch (message.Event)
        {
            case TwilioEvent.Media:
                // Checked here, because it goes into the model's JSON as it is.
                if (!AudioBase64.IsValid(message.Payload.Span, out var bytes) || bytes is 0 or > MaxFrameBytes)
                {
                    return Tolerate();
                }

                Frames++;
                return audio.AppendAsync(message.Timestamp, message.Payload, bytes, cancellationToken);

            case TwilioEvent.Mark:
                if (Mark.TryParse(message.MarkName.Span, out var mark))
                {
                    playback.MarkReturned(mark);
                }

                return ValueTask.CompletedTask;

            case TwilioEvent.Dtmf:
                return message.Digit.Span is [var digit]
                    ? new ValueTask(conversation.KeyPressedAsync((char)digit, cancellationToken))
                    : Tolerate();

            case TwilioEvent.Stop:
                _stopped = true;
                return ValueTask.CompletedTask;

            case TwilioEvent.Start or TwilioEvent.Connected:
                throw Violate("The stream has begun already.");

            default:
                return ValueTask.CompletedTask;
        }
    }

    private ValueTask Tolerate() =>
        _malformed.Add() ? throw Violate("Too many messages cannot be read.") : ValueTask.CompletedTask;

    private static PeerViolationException Violate(string reason) => new(WebSocketCloseStatus.PolicyViolation, reason);
}
