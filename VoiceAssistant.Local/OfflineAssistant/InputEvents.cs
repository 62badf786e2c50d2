namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>What a client learns of its own audio: <c>input_audio_buffer.*</c> and its transcription.</summary>
internal sealed class InputEvents(ServerEvents events)
{
    public void SpeechStarted(long audioStartMs, string itemId)
    {
        var json = events.Begin("input_audio_buffer.speech_started"u8);
        json.WriteNumber("audio_start_ms"u8, audioStartMs);
        json.WriteString("item_id"u8, itemId);
        events.Send();
    }

    public void SpeechStopped(long audioEndMs, string itemId)
    {
        var json = events.Begin("input_audio_buffer.speech_stopped"u8);
        json.WriteNumber("audio_end_ms"u8, audioEndMs);
        json.WriteString("item_id"u8, itemId);
        events.Send();
    }

    public void Committed(string? previousItemId, string itemId)
    {
        var json = events.Begin("input_audio_buffer.committed"u8);
        json.WriteString("previous_item_id"u8, previousItemId);
        json.WriteString("item_id"u8, itemId);
        events.Send();
    }

    public void Cleared()
    {
        events.Begin("input_audio_buffer.cleared"u8);
        events.Send();
    }

    public void Transcribed(ConversationItem item)
    {
        var outputTokens = ConversationItem.CountTokens(item.Transcript!);

        var json = events.Begin("conversation.item.input_audio_transcription.completed"u8);
        json.WriteString("item_id"u8, item.Id);
        json.WriteNumber("content_index"u8, 0);
        json.WriteString("transcript"u8, item.Transcript);
        json.WriteStartObject("usage"u8);
        json.WriteString("type"u8, "tokens"u8);
        json.WriteNumber("total_tokens"u8, item.AudioTokens + outputTokens);
        json.WriteNumber("input_tokens"u8, item.AudioTokens);
        json.WriteStartObject("input_token_details"u8);
        json.WriteNumber("text_tokens"u8, 0);
        json.WriteNumber("audio_tokens"u8, item.AudioTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, outputTokens);
        json.WriteEndObject();
        events.Send();
    }
}
