namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>One answer on its way to the client, delta by delta.</summary>
internal sealed class Response(ResponseRequest request, Clip answer, string? conversationId, Usage input)
{
    /// <summary>300 ms; divisible by three, so that only the last delta ends in base64's padding.</summary>
    public const int DeltaBytes = 2400;

    private int _audioSent;
    private int _charactersSent;

    public string Id { get; } = RealtimeId.New("resp");
    public ResponseRequest Request => request;
    public ConversationItem Item { get; } = ConversationItem.FromAssistant(answer);

    /// <summary>Null for a response out of band.</summary>
    public string? ConversationId => conversationId;

    /// <summary>The item before this one in the conversation.</summary>
    public string? PreviousItemId { get; set; }

    public string Status { get; private set; } = "in_progress";

    /// <summary>Why it was cancelled: <c>turn_detected</c> or <c>client_cancelled</c>.</summary>
    public string? Reason { get; private set; }

    /// <summary>Known when it is done.</summary>
    public Usage? Usage { get; private set; }

    public string Transcript => answer.Transcript[.._charactersSent];
    public bool IsAllSent => _audioSent == answer.Audio.Length;

    /// <summary>The next stretch of audio and the words that begin in it.</summary>
    public (string Words, ReadOnlyMemory<byte> Audio) Next()
    {
        var audio = answer.Audio[_audioSent..Math.Min(_audioSent + DeltaBytes, answer.Audio.Length)];
        _audioSent += audio.Length;

        var words = answer.Transcript[_charactersSent..WordEnd()];
        _charactersSent += words.Length;

        Item.Extend(answer.Audio[.._audioSent], Transcript);
        return (words, audio);
    }

    public void Complete() => (Status, Item.Status, Usage) = ("completed", "completed", Count());

    public void Cancel(string reason) => (Status, Reason, Item.Status, Usage) = ("cancelled", reason, "incomplete", Count());

    private Usage Count() => input with
    {
        OutputText = ConversationItem.CountTokens(Transcript),
        OutputAudio = Item.AudioTokens,
    };

    // Words run at an even pace with the audio, and are sent whole.
    private int WordEnd()
    {
        if (IsAllSent)
        {
            return answer.Transcript.Length;
        }

        var paced = (int)((long)answer.Transcript.Length * _audioSent / answer.Audio.Length);
        var space = answer.Transcript.IndexOf(' ', paced);
        return Math.Max(_charactersSent, space < 0 ? answer.Transcript.Length : space);
    }
}
