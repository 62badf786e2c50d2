using VoiceAssistant.Local.OfflineAssistant;
using VoiceAssistant.Local.Phone;
using BridgeClips = VoiceAssistant.MediaBridge.Relay.Clips;

namespace VoiceAssistant.Local.Chaos;

/// <summary>Tells what a caller hears apart: the bridge's own earcons, and the assistant's words, whole or cut off.</summary>
internal sealed class Ear(CallTape tape)
{
    // Of speech, so many bytes in a row are found nowhere else; from the last frames, as some may be lost.
    private const int TraitLength = 80;
    private const int Traits = 8;

    private static readonly ClipFrames Earcons = new(BridgeClips.OneMoment, BridgeClips.SorryGoodbye);

    // What is always said to the end, also right behind other words.
    private static readonly ReadOnlyMemory<byte>[] ShortWords = [.. EndingOf(ClipFrames.AudioOf(BridgeClips.SayThatAgain)), .. EndingOf(Clip.Listening.Audio)];

    private readonly SpeechDetector _sound = new();
    private readonly byte[] _recent = new byte[2 * Frame.Length];
    private ReadOnlyMemory<byte>[] _endings = [.. EndingOf(Clip.Greeting.Audio), .. ShortWords];
    private bool _isWhole;
    private bool _wasWhole;
    private int _loud;
    private int _earcon;

    public bool IsHearing => _sound.IsSpeaking;

    /// <summary>Whether the assistant has said what it had to, so that it is the caller's turn.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Since when nothing is to be heard; of the time while the call has a stream.</summary>
    public TimeSpan SilentSince { get; private set; }

    public void Hear(ReadOnlySpan<byte> frame, TimeSpan now)
    {
        _recent.AsSpan(Frame.Length).CopyTo(_recent);
        frame.CopyTo(_recent.AsSpan(Frame.Length));
        _isWhole = _isWhole || Array.Exists(_endings, ending => _recent.AsSpan().IndexOf(ending.Span) >= 0);
        var change = _sound.Add(frame, now);
        if (_sound.IsSpeaking)
        {
            Recognise(frame);
            SilentSince = now;
        }
        else if (change is SpeechChange.Ended)
        {
            Note(_sound.EndedAt!.Value);
        }
    }

    /// <summary>The caller has said something.</summary>
    /// <param name="question">Ends the answer, too, which repeats it; null where it was cut off, and any words will do.</param>
    /// <param name="now">When it was over.</param>
    public void Asked(ReadOnlyMemory<byte>? question, TimeSpan now)
    {
        // A call whose words were lost with Redis begins anew: it is greeted, and then it is the caller's turn.
        _endings = [.. question is { } said ? EndingOf(said) : [], .. EndingOf(Clip.Greeting.Audio), .. ShortWords];
        _isWhole = _wasWhole = question is null;
        Array.Clear(_recent);
        IsSettled = false;
        SilentSince = now;
    }

    /// <summary>There is a stream, or there is none any more.</summary>
    public void Break(TimeSpan now)
    {
        if (_sound.IsSpeaking)
        {
            Note(now);
            Span<byte> silence = stackalloc byte[Frame.Length];
            silence.Fill(MuLaw.Silence);
            while (_sound.IsSpeaking)
            {
                _sound.Add(silence, now);
            }
        }

        SilentSince = now;
    }

    private void Note(TimeSpan end)
    {
        var begin = _sound.StartedAt;
        // What follows an earcon without a pause may be all that there is to say.
        if (2 * _earcon > _loud && (_wasWhole || !_isWhole))
        {
            tape.Note(Happening.Earcon, begin, end);
        }
        else
        {
            IsSettled = _isWhole;
            tape.Note(IsSettled ? Happening.Words : Happening.Fragment, begin, end);
        }

        _loud = _earcon = 0;
        _wasWhole = _isWhole;
    }

    private void Recognise(ReadOnlySpan<byte> frame)
    {
        if (!IsLoud(frame))
        {
            return;
        }

        _loud++;
        _earcon += Earcons.Contains(frame) ? 1 : 0;
    }

    private static bool IsLoud(ReadOnlySpan<byte> frame) => MuLaw.MeanPower(frame) > 1e-4;

    /// <returns>Each from the middle of a frame: a caller's frames are lost whole.</returns>
    private static IEnumerable<ReadOnlyMemory<byte>> EndingOf(ReadOnlyMemory<byte> speech) => Enumerable.Range(0, speech.Length / Frame.Length)
        .Select(frame => speech.Slice(frame * Frame.Length, Frame.Length))
        .Where(frame => IsLoud(frame.Span))
        .TakeLast(Traits)
        .Select(frame => frame.Slice((Frame.Length - TraitLength) / 2, TraitLength));
}
