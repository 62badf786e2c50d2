using System.Text.Json;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.Realtime;

internal enum RealtimeEventType
{
    Unknown,

    /// <summary>Of the protocol, and of no use to us.</summary>
    Unused,
    AudioDelta,
    TranscriptDelta,
    TranscriptDone,
    SpeechStarted,
    SpeechStopped,
    Committed,
    Transcribed,
    TranscriptionFailed,
    ResponseCreated,
    ResponseDone,
    RateLimits,
    SessionCreated,
    SessionUpdated,
    Error,
}

/// <summary>One event of the model, read in place.</summary>
/// <remarks>
/// https://platform.openai.com/docs/api-reference/realtime-server-events. All memory points into the receive buffer: use it before the next
/// receive. Fields come in any order; unknown fields and types are skipped, as new ones appear without notice.
/// </remarks>
internal ref struct RealtimeEvent
{
    public RealtimeEventType Type { get; private set; }

    public ReadOnlyMemory<byte> TypeName { get; private set; }

    public ReadOnlyMemory<byte> ResponseId { get; private set; }

    public ReadOnlyMemory<byte> ItemId { get; private set; }

    /// <summary>Base64 of µ-law audio in an audio delta; text in deltas of other types.</summary>
    public ReadOnlyMemory<byte> Delta { get; private set; }

    /// <summary>What was said, of an item as a whole.</summary>
    public ReadOnlyMemory<byte> Transcript { get; private set; }

    /// <exception cref="JsonException">The bytes are not one JSON object, or a field that we need has another type.</exception>
    public static RealtimeEvent Read(ReadOnlyMemory<byte> utf8)
    {
        var @event = default(RealtimeEvent);
        var reader = new Utf8JsonReader(utf8.Span);
        var fits = true;

        reader.ReadObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.NameIs("type"u8))
            {
                @event.TypeName = reader.ReadStringValue(utf8);
                @event.Type = ReadType(@event.TypeName.Span);
            }
            else if (reader.NameIs("delta"u8))
            {
                fits &= reader.TryReadStringValue(utf8, out var delta);
                @event.Delta = delta;
            }
            else if (reader.NameIs("transcript"u8))
            {
                // Something else is as good as none: the conversation goes on without the words.
                reader.TryReadStringValue(utf8, out var transcript);
                @event.Transcript = transcript;
            }
            else if (reader.NameIs("response_id"u8))
            {
                fits &= reader.TryReadStringValue(utf8, out var responseId);
                @event.ResponseId = responseId;
            }
            else if (reader.NameIs("item_id"u8))
            {
                fits &= reader.TryReadStringValue(utf8, out var itemId);
                @event.ItemId = itemId;
            }
            else
            {
                reader.Skip();
            }
        }

        reader.ReadEnd();
        return fits || @event.Type is RealtimeEventType.Unknown or RealtimeEventType.Unused ? @event : throw new JsonException("Expected a string.");
    }

    private static RealtimeEventType ReadType(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("response.output_audio.delta"u8) ? RealtimeEventType.AudioDelta
        : name.SequenceEqual("response.output_audio_transcript.delta"u8) ? RealtimeEventType.TranscriptDelta
        : name.SequenceEqual("response.output_audio_transcript.done"u8) ? RealtimeEventType.TranscriptDone
        : name.SequenceEqual("input_audio_buffer.speech_started"u8) ? RealtimeEventType.SpeechStarted
        : name.SequenceEqual("input_audio_buffer.speech_stopped"u8) ? RealtimeEventType.SpeechStopped
        : name.SequenceEqual("input_audio_buffer.committed"u8) ? RealtimeEventType.Committed
        : name.SequenceEqual("conversation.item.input_audio_transcription.completed"u8) ? RealtimeEventType.Transcribed
        : name.SequenceEqual("conversation.item.input_audio_transcription.failed"u8) ? RealtimeEventType.TranscriptionFailed
        : name.SequenceEqual("response.created"u8) ? RealtimeEventType.ResponseCreated
        : name.SequenceEqual("response.done"u8) ? RealtimeEventType.ResponseDone
        : name.SequenceEqual("rate_limits.updated"u8) ? RealtimeEventType.RateLimits
        : name.SequenceEqual("session.created"u8) ? RealtimeEventType.SessionCreated
        : name.SequenceEqual("session.updated"u8) ? RealtimeEventType.SessionUpdated
        : name.SequenceEqual("error"u8) ? RealtimeEventType.Error
        : IsUnused(name) ? RealtimeEventType.Unused
        : RealtimeEventType.Unknown;

    private static bool IsUnused(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("response.output_item.added"u8) || name.SequenceEqual("response.output_item.done"u8)
        || name.SequenceEqual("response.content_part.added"u8) || name.SequenceEqual("response.content_part.done"u8)
        || name.SequenceEqual("response.output_audio.done"u8)
        || name.SequenceEqual("response.output_text.delta"u8) || name.SequenceEqual("response.output_text.done"u8)
        || name.SequenceEqual("response.function_call_arguments.delta"u8) || name.SequenceEqual("response.function_call_arguments.done"u8)
        || name.SequenceEqual("conversation.item.added"u8) || name.SequenceEqual("conversation.item.done"u8)
        || name.SequenceEqual("conversation.item.created"u8) || name.SequenceEqual("conversation.item.truncated"u8)
        || name.SequenceEqual("conversation.item.deleted"u8) || name.SequenceEqual("conversation.item.retrieved"u8)
        || name.SequenceEqual("conversation.item.input_audio_transcription.delta"u8)
        || name.SequenceEqual("conversation.item.input_audio_transcription.segment"u8)
        || name.SequenceEqual("input_audio_buffer.cleared"u8) || name.SequenceEqual("input_audio_buffer.timeout_triggered"u8)
        || name.StartsWith("mcp_list_tools."u8) || name.StartsWith("response.mcp_call."u8) || name.StartsWith("response.mcp_call_arguments."u8);
}
