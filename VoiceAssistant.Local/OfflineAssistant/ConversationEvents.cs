namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>What a client learns of the conversation's items: <c>conversation.item.*</c>.</summary>
internal sealed class ConversationEvents(ServerEvents events)
{
    public void Added(ConversationItem item, string? previousItemId) => Placed("conversation.item.added"u8, item, previousItemId);

    public void Done(ConversationItem item, string? previousItemId) => Placed("conversation.item.done"u8, item, previousItemId);

    public void Retrieved(ConversationItem item)
    {
        var json = events.Begin("conversation.item.retrieved"u8);
        json.WritePropertyName("item"u8);
        item.Write(json, withAudio: true);
        events.Send();
    }

    public void Truncated(ConversationItem item)
    {
        var json = events.Begin("conversation.item.truncated"u8);
        json.WriteString("item_id"u8, item.Id);
        json.WriteNumber("content_index"u8, 0);
        json.WriteNumber("audio_end_ms"u8, item.AudioMs);
        events.Send();
    }

    public void Deleted(ConversationItem item)
    {
        var json = events.Begin("conversation.item.deleted"u8);
        json.WriteString("item_id"u8, item.Id);
        events.Send();
    }

    private void Placed(ReadOnlySpan<byte> type, ConversationItem item, string? previousItemId)
    {
        var json = events.Begin(type);
        json.WriteString("previous_item_id"u8, previousItemId);
        json.WritePropertyName("item"u8);
        item.Write(json);
        events.Send();
    }
}
