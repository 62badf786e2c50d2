using System.Buffers;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>A caller who hears the greeting out, asks one question, again where the server asks for that, hears the answer out and hangs up.</summary>
internal sealed class WavCaller : ICaller
{
    // A pause within what the assistant says is shorter than these; a caller is quicker to speak than to hang up.
    private const int GreetingOver = 700 / Frame.Milliseconds;
    private const int AnswerOver = 1500 / Frame.Milliseconds;

    // Fewer are the rest of a greeting, or the frame in which a clip begins or ends.
    private const int FramesOfAnswer = 100 / Frame.Milliseconds;

    private static readonly ClipFrames SayThatAgain = new(Clips.SayThatAgain);

    // An assistant that waits for the caller to speak first.
    private static readonly TimeSpan NoGreeting = TimeSpan.FromSeconds(5);

    /// <summary>What <see cref="ReadBuiltInQuestion"/> says: as in scripts/render-clips.sh.</summary>
    public const string BuiltInQuestion = "Hello! Can you hear me? Please repeat what I say.";

    private readonly ReadOnlyMemory<byte> _question;
    private readonly bool _records;
    private readonly SpeechDetector _assistant = new();
    private readonly ArrayBufferWriter<byte> _said = new();
    private readonly ArrayBufferWriter<byte> _heard = new();
    private readonly List<string> _sayings = [];
    private ReadOnlyMemory<byte> _unsaid;
    private TimeSpan _time;
    private bool _asks;
    private TimeSpan _askedAt = TimeSpan.MaxValue;
    private TimeSpan? _soundFrom;
    private int _framesOfClips;
    private int _framesOfAnswer;
    private bool _isToSayItAgain;

    public WavCaller(ReadOnlyMemory<byte> question, bool records) => (_question, _unsaid, _records) = (question, question, records);

    /// <summary>What to do when the caller has nothing more to say or to hear.</summary>
    public required Action HangUp { get; init; }

    public bool IsConnected { get; private set; }

    public CallPhase Phase =>
        !IsConnected ? CallPhase.Dialling :
        !_asks ? _assistant.EndedAt is null ? CallPhase.AwaitingGreeting : CallPhase.HearingGreeting :
        !_unsaid.IsEmpty ? CallPhase.Asking :
        !WasAnswered ? CallPhase.AwaitingAnswer : CallPhase.HearingAnswer;

    /// <summary>Whether anything was heard after the question but the server's own clips.</summary>
    public bool WasAnswered => _framesOfAnswer >= FramesOfAnswer;

    /// <summary>Whether the server said after the question that the model does not answer.</summary>
    public bool HeardClip => _framesOfClips >= FramesOfAnswer;

    /// <summary>From its first sound to its last; null where nobody greeted.</summary>
    public TimeSpan? Greeting { get; private set; }

    /// <summary>What of the question was said, each time.</summary>
    public TimeSpan Asked { get; private set; }

    /// <summary>From its first sound to its last; null where there was none.</summary>
    public TimeSpan? Answer => WasAnswered ? _assistant.EndedAt - (_soundFrom ?? _askedAt) : null;

    /// <summary>What the server had said by TwiML.</summary>
    public IReadOnlyList<string> Sayings => _sayings;

    public ReadOnlyMemory<byte> Said => _said.WrittenMemory;

    public ReadOnlyMemory<byte> Heard => _heard.WrittenMemory;

    /// <summary>The one that the page says, too.</summary>
    public static byte[] ReadBuiltInQuestion() => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Phone", "wwwroot", "clips", "question.ulaw"));

    public void Speak(Span<byte> frame)
    {
        var length = _asks ? Math.Min(frame.Length, _unsaid.Length) : 0;
        _unsaid.Span[..length].CopyTo(frame);
        frame[length..].Fill(MuLaw.Silence);
        _unsaid = _unsaid[length..];
        Asked += TimeSpan.FromSeconds((double)length / MuLaw.SampleRate);

        if (_records)
        {
            _said.Write(frame);
        }
    }

    public void Hear(ReadOnlySpan<byte> frame)
    {
        _time += Frame.Duration;
        var awaitsAnswer = _askedAt != TimeSpan.MaxValue && !WasAnswered;
        // A clip may come before the answer, which begins after it.
        if (_assistant.Add(frame, _time) is SpeechChange.Started && (_soundFrom is null || awaitsAnswer))
        {
            _soundFrom = _assistant.StartedAt;
        }

        if (_records)
        {
            _heard.Write(frame);
        }

        if (!_asks)
        {
            _asks = _assistant.EndedAt is null ? _time >= NoGreeting : _assistant.Silence >= GreetingOver;
            Greeting = _assistant.EndedAt - _soundFrom;
        }
        else if (_unsaid.IsEmpty)
        {
            if (_askedAt == TimeSpan.MaxValue)
            {
                _askedAt = _time;
                _soundFrom = null;
            }

            if (_assistant is { IsSpeaking: true, Silence: 0 })
            {
                var isClip = ClipFrames.WithoutTheModel.Contains(frame);
                _framesOfClips += isClip ? 1 : 0;
                _framesOfAnswer += isClip ? 0 : 1;
                _isToSayItAgain |= isClip && SayThatAgain.Contains(frame);
            }

            if (WasAnswered && _assistant.Silence >= AnswerOver)
            {
                HangUp();
            }
            else if (_isToSayItAgain && !WasAnswered && _assistant.Silence >= GreetingOver)
            {
                (_unsaid, _askedAt, _isToSayItAgain) = (_question, TimeSpan.MaxValue, false);
            }
        }
    }

    public void Notice(PhoneEvent phoneEvent)
    {
        IsConnected |= phoneEvent.Kind == PhoneEventKind.Connected;
        if (phoneEvent is { Kind: PhoneEventKind.Said, Text: { } text })
        {
            _sayings.Add(text);
        }
    }
}
