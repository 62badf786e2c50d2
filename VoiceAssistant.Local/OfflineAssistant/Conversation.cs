namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The items of one conversation, oldest first. Like OpenAI's automatic truncation it forgets the oldest when it grows too long.</summary>
internal sealed class Conversation
{
    private const int MaxItems = 1000;
    private const int MaxSize = 16 * 1024 * 1024;

    private readonly List<ConversationItem> _items = [];
    private int _size;

    public string Id { get; } = RealtimeId.New("conv");
    public IReadOnlyList<ConversationItem> Items => _items;
    public string? LastId => _items.LastOrDefault()?.Id;

    /// <summary>The keys that the caller has pressed since the assistant spoke last.</summary>
    public IEnumerable<char> NewKeys => _items.Skip(_items.FindLastIndex(item => item.Role == "assistant") + 1).Select(item => item.Key).OfType<char>();

    public ConversationItem? Find(string id) => _items.Find(item => item.Id == id);

    /// <summary>Places the item behind another, known one, or first for <c>root</c>, or last for null.</summary>
    /// <returns>The id of the item that it follows; null for the first.</returns>
    public string? Add(ConversationItem item, string? previousId = null)
    {
        var index = previousId switch
        {
            null => _items.Count,
            "root" => 0,
            _ => _items.FindIndex(previous => previous.Id == previousId) + 1,
        };
        var follows = index == 0 ? null : _items[index - 1].Id;

        _items.Insert(index, item);
        _size += item.Size;
        while (_items.Count > MaxItems || (_size > MaxSize && _items.Count > 1))
        {
            Remove(_items[0]);
        }

        return follows;
    }

    public void Remove(ConversationItem item)
    {
        _items.Remove(item);
        _size -= item.Size;
    }
}
