using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>Finds out whether a fresh socket is a call that our webhook answered, before anything is spent on it.</summary>
internal sealed class StreamAdmission(StreamTokens tokens, CallLeases leases, TokenMetrics metrics)
{
    /// <summary>From accepting the socket to the consumed token.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    /// <summary>A start message has some 500 bytes.</summary>
    public const int MaxMessageSize = 4096;

    private const int MaxBytes = 8192;
    private const int MaxMessages = 4;

    /// <returns>The stream as Twilio describes it, and what our webhook knows of its call.</returns>
    /// <exception cref="PeerViolationException">It is not, or it does not speak the protocol.</exception>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <inheritdoc cref="StreamTokens.ConsumeAsync" path="/exception"/>
    public async Task<(StreamStart Start, StreamGrant Grant)> AdmitAsync(MessageReader reader, CancellationToken cancellationToken)
    {
        var start = await ReadStartAsync(reader, cancellationToken);

        // Everything in start is checked before: a malformed one must not burn a good token. The token is burnt by whoever presents it.
        var grant = await tokens.ConsumeAsync(start.Token, cancellationToken);
        if (grant is not null && (grant.CallSid != start.CallSid || grant.AccountSid != start.AccountSid))
        {
            metrics.Mismatched();
            grant = null;
        }

        if (grant is null)
        {
            throw Violation("The token does not admit this stream.");
        }

        if (!await leases.TakeAsync(grant, cancellationToken))
        {
            throw Violation("The call has a stream already.");
        }

        return (ActivityContext.TryParse(grant.TraceParent, traceState: null, isRemote: true, out var trace) ? start with { Trace = trace } : start, grant);
    }

    private static async Task<StreamStart> ReadStartAsync(MessageReader reader, CancellationToken cancellationToken)
    {
        var connected = false;
        var bytes = 0;

        for (var messages = 0; messages < MaxMessages; messages++)
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                throw Violation("The stream was closed before it began.");
            }

            bytes += reader.Message.Length;
            if (bytes > MaxBytes)
            {
                break;
            }

            switch (ReadEvent(reader.Message))
            {
                case TwilioEvent.Connected when !connected:
                    connected = true;
                    break;
                case TwilioEvent.Start when connected:
                    return StreamStart.Read(reader.Message) ?? throw Violation("The start message is incomplete.");
                case TwilioEvent.Unknown:
                    break;
                default:
                    throw Violation("Expected connected, then start.");
            }
        }

        throw Violation("The start message did not come.");
    }

    private static TwilioEvent ReadEvent(ReadOnlyMemory<byte> message)
    {
        try
        {
            return TwilioMessage.Read(message).Event;
        }
        catch (JsonException)
        {
            throw Violation("Expected connected, then start.");
        }
    }

    private static PeerViolationException Violation(string reason) => new(WebSocketCloseStatus.PolicyViolation, reason);
}
