using VoiceAssistant.Local.Phone;
using VoiceAssistant.Local.Phone.Streams;

namespace VoiceAssistant.Local.Chaos;

/// <summary>A caller who asks, listens, sometimes interrupts, and asks again when no answer comes.</summary>
internal sealed class ChaosCaller(CallTape tape, ReadOnlyMemory<byte> question, Random random) : ICaller
{
    private const double Interrupts = 0.25;

    // A caller says nothing for longer only while they wait for something.
    private static readonly TimeSpan Thinks = TimeSpan.FromSeconds(0.7);
    private static readonly TimeSpan Waits = TimeSpan.FromSeconds(8);

    // Twilio's voices speak at about this pace, and the phone waits for as long.
    private static readonly TimeSpan SayPerCharacter = TimeSpan.FromMilliseconds(60);

    private readonly Ear _ear = new(tape);
    private int _said = question.Length;
    private TimeSpan _asksSince;
    private TimeSpan? _brokeAt;
    private TimeSpan? _interruptsAt;
    private bool _wasHearing;
    private TimeSpan _thinks = Thinks;

    private bool IsAsking => _said < question.Length;

    public void Speak(Span<byte> frame)
    {
        var length = Math.Min(frame.Length, question.Length - _said);
        question.Span.Slice(_said, length).CopyTo(frame);
        frame[length..].Fill(MuLaw.Silence);
        _said += length;
        if (length > 0 && !IsAsking)
        {
            StopAsking();
        }
    }

    public void Hear(ReadOnlySpan<byte> frame)
    {
        var now = tape.Now;
        _ear.Hear(frame, now);
        if (IsAsking)
        {
            return;
        }

        if (_ear.IsHearing && !_wasHearing)
        {
            _interruptsAt = random.NextDouble() < Interrupts ? now + TimeSpan.FromSeconds(0.3 + 3 * random.NextDouble()) : null;
        }

        _wasHearing = _ear.IsHearing;
        if (_ear.IsHearing ? now >= _interruptsAt : now - _ear.SilentSince > (_ear.IsSettled ? _thinks : Waits))
        {
            _said = 0;
            _asksSince = now;
            _interruptsAt = null;
        }
    }

    public void Notice(PhoneEvent phoneEvent)
    {
        switch (phoneEvent.Kind)
        {
            case PhoneEventKind.Dialling:
                tape.Note(Happening.Dialled);
                break;
            case PhoneEventKind.Connected:
                _ear.Break(tape.Now);
                tape.Note(Happening.Connected);
                GoOn();
                break;
            case PhoneEventKind.StreamEnded:
                _ear.Break(tape.Now);
                if (phoneEvent.Text != StreamEnd.HungUp.Reason)
                {
                    tape.Note(Happening.StreamEnded);
                }

                _brokeAt = tape.Now;
                break;
            case PhoneEventKind.Said:
                tape.Note(Happening.Announcement, tape.Now, tape.Now + (phoneEvent.Text!.Length * SayPerCharacter));
                break;
            case PhoneEventKind.Ended:
                _ear.Break(tape.Now);
                if (IsAsking)
                {
                    StopAsking();
                }

                tape.Note(Happening.Ended);
                break;
        }
    }

    /// <summary>The caller has gone on talking while nobody could hear it.</summary>
    private void GoOn()
    {
        if (IsAsking && _brokeAt is { } brokeAt)
        {
            var unheard = (int)((tape.Now - brokeAt) / Frame.Duration) * Frame.Length;
            _said += Math.Min(unheard, question.Length - _said);
            if (!IsAsking)
            {
                StopAsking();
            }
        }
    }

    private void StopAsking()
    {
        var (now, length) = (tape.Now, TimeSpan.FromMilliseconds((double)question.Length / MuLaw.BytesPerMs));
        var end = _asksSince + length < now ? _asksSince + length : now;
        tape.Note(Happening.Question, _asksSince, end);
        // With null alone, it would be an empty question.
        _ear.Asked(_brokeAt > _asksSince ? default(ReadOnlyMemory<byte>?) : question, end);
        _said = question.Length;
        _thinks = Thinks + TimeSpan.FromSeconds(1.5 * random.NextDouble());
    }
}
