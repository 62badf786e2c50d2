using System.Text.Json;
using System.Threading.Channels;
using StackExchange.Redis;
using VoiceAssistant.Calls.Records;
using VoiceAssistant.Calls.Tokens;
using SaidSoFar = VoiceAssistant.Calls.Records.Conversations;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>Keeps what is said in a call where another bridge finds it, and how its stream ended.</summary>
internal sealed partial class CallJournal(StreamGrant grant, Conversation conversation, SaidSoFar said, CallEnds ends, ILogger logger)
{
    // However much changes while one is being written: the next one holds it all.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private bool _isFailing;

    /// <summary>Writes whenever there is something new, until cancelled; a Redis that fails costs the call nothing.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        conversation.SnapshotChanged += Changed;
        try
        {
            await foreach (var _ in _changes.Reader.ReadAllAsync(cancellationToken))
            {
                // Only what was heard was said: once all of it was, there is more to write.
                if (conversation.HeardAsync() is { IsCompleted: false } heard)
                {
                    heard.GetAwaiter().OnCompleted(Changed);
                }

                await TryAsync(said.SaveAsync, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The stream ended.
        }
        finally
        {
            conversation.SnapshotChanged -= Changed;
        }
    }

    /// <summary>Leaves the call to another bridge, which Twilio finds when the stream is closed.</summary>
    /// <returns>False if that could not be written down: nobody could go on with the call.</returns>
    public async Task<bool> HandOverAsync(CancellationToken cancellationToken)
    {
        if (!await TryAsync(said.HandOverAsync, cancellationToken))
        {
            return false;
        }

        ends.EndUnlessResumed(grant.CallSid, grant.Sequence);
        return true;
    }

    /// <summary>The stream is about to be closed.</summary>
    public Task EndAsync(CallEnd end) => end switch
    {
        CallEnd.CallerLeft => ends.EndAsync(grant.CallSid, grant.Sequence, CallEndReason.CallerLeft),
        CallEnd.CallerViolation => ends.EndAsync(grant.CallSid, grant.Sequence, CallEndReason.CallerViolation),
        CallEnd.ModelLost => ends.EndAsync(grant.CallSid, grant.Sequence, CallEndReason.ModelLost),
        CallEnd.Stopping => ends.EndAsync(grant.CallSid, grant.Sequence, CallEndReason.Stopped),
        // The caller may still be there.
        CallEnd.CallerLost => HandOverAsync(CancellationToken.None),
        _ => Task.CompletedTask,
    };

    private void Changed() => _changes.Writer.TryWrite(true);

    private async Task<bool> TryAsync(Func<StreamGrant, ReadOnlyMemory<byte>, CancellationToken, Task<bool>> write, CancellationToken cancellationToken)
    {
        try
        {
            var isKept = await write(grant, JsonSerializer.SerializeToUtf8Bytes(conversation.Snapshot(), SnapshotJson.Default.ConversationSnapshot), cancellationToken);
            Volatile.Write(ref _isFailing, false);
            return isKept;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Tried again and again, told once.
            if (!Interlocked.Exchange(ref _isFailing, true))
            {
                LogNotKept(logger, grant.CallSid, exception.Message);
            }

            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "What was said in call {CallSid} is not kept, as Redis (ConnectionStrings:redis) does not do its part; the call goes on: {Fault}", EventName = "NotKept")]
    private static partial void LogNotKept(ILogger logger, string callSid, string fault);
}
