namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>What the caller has said since the model last answered: that they spoke is known first, the words come late and in any order.</summary>
internal sealed class CallerWords
{
    private const int MaxTurns = 20;

    private readonly List<(string ItemId, string? Words)> _turns = [];

    public bool AreComplete => _turns.TrueForAll(turn => turn.Words is not null);

    /// <summary>Those that could be understood, in the order in which they were spoken.</summary>
    public IReadOnlyList<string> Known => [.. _turns.Select(turn => turn.Words).Where(words => !string.IsNullOrEmpty(words))!];

    public void Spoke(string itemId)
    {
        _turns.Add((itemId, null));
        if (_turns.Count > MaxTurns)
        {
            _turns.RemoveAt(0);
        }
    }

    /// <returns>False where they are another's.</returns>
    public bool TrySaid(string itemId, string words)
    {
        var index = _turns.FindIndex(turn => turn.ItemId == itemId);
        if (index < 0)
        {
            return false;
        }

        _turns[index] = (itemId, words);
        return true;
    }
}
