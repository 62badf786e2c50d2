using VoiceAssistant.Local.OfflineAssistant;
using VoiceAssistant.Local.Phone;
using BridgeClips = VoiceAssistant.MediaBridge.Relay.Clips;

namespace VoiceAssistant.Local.Chaos;

/// <summary>Tells what a caller hears apart: the bridge's own earcons, and the assistant's words, whole or cut off.</summary>
internal sealed class Ear(CallTape tape)
{
    // Of speech, so many bytes in a row are found nowhere else.
    private const int EndingLength = 80;

    // What begins with the first byte of a clip is played in the same frames, whoever says it.
    private static readonly HashSet<string> Earcons = [.. Frames(BridgeClips.OneMoment.Base64), .. Frames(BridgeClips.SorryGoodbye.Base64)];
    private static readonly HashSet<string> ShortWords = [.. Frames(BridgeClips.SayThatAgain.Base64), .. Frames(Clip.Listening.Audio.ToArray())];

    private readonly SpeechDetector _sound = new();
    private readonly byte[] _recent = new byte[2 * Frame.Length];
    private ReadOnlyMemory<byte>? _ending = EndingOf(Clip.Greeting.Audio);
    private int _loud;
    private int _earcon;
    private int _shortWords;

    public bool IsHearing => _sound.IsSpeaking;

    /// <summary>Whether the assistant has said what it had to, so that it is the caller's turn.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Since when nothing is to be heard; of the time while the call has a stream.</summary>
    public TimeSpan SilentSince { get; private set; }

    public void Hear(ReadOnlySpan<byte> frame, TimeSpan now)
    {
        _recent.AsSpan(Frame.Length).CopyTo(_recent);
        frame.CopyTo(_recent.AsSpan(Frame.Length));
        if (_ending is { } ending && _recent.AsSpan().IndexOf(ending.Span) >= 0)
        {
            _ending = null;
        }

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
        _ending = question is { } said ? EndingOf(said) : default(ReadOnlyMemory<byte>?);
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
        if (2 * _earcon > _loud)
        {
            tape.Note(Happening.Earcon, begin, end);
        }
        else
        {
            IsSettled = 2 * _shortWords > _loud || _ending is null;
            tape.Note(IsSettled ? Happening.Words : Happening.Fragment, begin, end);
        }

        _loud = _earcon = _shortWords = 0;
    }

    private void Recognise(ReadOnlySpan<byte> frame)
    {
        if (!IsLoud(frame))
        {
            return;
        }

        var text = Convert.ToBase64String(frame);
        _loud++;
        _earcon += Earcons.Contains(text) ? 1 : 0;
        _shortWords += ShortWords.Contains(text) ? 1 : 0;
    }

    private static IEnumerable<string> Frames(ReadOnlyMemory<byte> base64) => Frames(Convert.FromBase64String(System.Text.Encoding.ASCII.GetString(base64.Span)));

    private static IEnumerable<string> Frames(byte[] audio) => audio.Chunk(Frame.Length).Where(frame => IsLoud(frame)).Select(Convert.ToBase64String);

    private static bool IsLoud(ReadOnlySpan<byte> frame) => MuLaw.MeanPower(frame) > 1e-4;

    /// <returns>From the middle of the last frame of speech: a caller's frames are lost whole.</returns>
    private static ReadOnlyMemory<byte> EndingOf(ReadOnlyMemory<byte> speech)
    {
        var end = speech.Length - (speech.Length % Frame.Length);
        while (!IsLoud(speech.Span.Slice(end - Frame.Length, Frame.Length)))
        {
            end -= Frame.Length;
        }

        return speech.Slice(end - Frame.Length + ((Frame.Length - EndingLength) / 2), EndingLength);
    }
}
