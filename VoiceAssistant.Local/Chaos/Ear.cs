using VoiceAssistant.Local.OfflineAssistant;
using VoiceAssistant.Local.Phone;
using BridgeClips = VoiceAssistant.MediaBridge.Relay.Clips;

namespace VoiceAssistant.Local.Chaos;

/// <summary>Tells what a caller hears apart: the bridge's own earcons, and the assistant's words, whole or cut off.</summary>
internal sealed class Ear(CallTape tape)
{
    // Of the time that words take when nothing is lost of them: pauses at both ends are not heard.
    private const double Whole = 0.8;

    // What begins with the first byte of a clip is played in the same frames, whoever says it.
    private static readonly HashSet<string> Earcons = [.. Frames(BridgeClips.OneMoment.Base64), .. Frames(BridgeClips.SorryGoodbye.Base64)];
    private static readonly HashSet<string> ShortWords = [.. Frames(BridgeClips.SayThatAgain.Base64), .. Frames(Clip.Listening.Audio.ToArray())];

    private readonly SpeechDetector _sound = new();
    private TimeSpan _due = Duration(Clip.Greeting.Audio.Length) * Whole;
    private TimeSpan? _answeredAt;
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
        var change = _sound.Add(frame, now);
        if (change is SpeechChange.Started)
        {
            _answeredAt ??= _sound.StartedAt;
        }

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

    /// <summary>The caller has said something that takes so long to repeat.</summary>
    public void Asked(TimeSpan length, TimeSpan now)
    {
        _due = (Duration(Clip.YouSaid.Audio.Length) + length) * Whole;
        _answeredAt = null;
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
            IsSettled = 2 * _shortWords > _loud || end - _answeredAt >= _due;
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

    private static TimeSpan Duration(int bytes) => TimeSpan.FromMilliseconds((double)bytes / MuLaw.BytesPerMs);
}
