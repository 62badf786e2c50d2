using System.Globalization;

namespace VoiceAssistant.Local.Chaos;

internal enum Happening
{
    Dialled,

    /// <summary>A stream is open.</summary>
    Connected,

    /// <summary>A stream has ended, and the caller has not.</summary>
    StreamEnded,

    /// <summary>The caller said something.</summary>
    Question,

    /// <summary>The assistant said something, all of it.</summary>
    Words,

    /// <summary>The assistant said something, and it was not all: it was cut off, or there is more to come.</summary>
    Fragment,

    /// <summary>The bridge said by itself that it takes a moment, or goodbye.</summary>
    Earcon,

    /// <summary>Twilio read something out.</summary>
    Announcement,

    /// <summary>The call has ended, whoever ended it.</summary>
    Ended,
}

/// <param name="What">It was.</param>
/// <param name="From">Since the calls began.</param>
/// <param name="To">The same for what has no length.</param>
internal readonly record struct TapeEvent(Happening What, TimeSpan From, TimeSpan To)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{What} {From:mm\\:ss\\.ff}{(To > From ? $" to {To:mm\\:ss\\.ff}" : "")}");
}

/// <summary>What happened on one call, in the order in which it was over; written on the phone's clock, read when the call has ended.</summary>
internal sealed class CallTape(int phone, TimeProvider time, long origin)
{
    private readonly Lock _lock = new();
    private readonly List<TapeEvent> _events = [];

    public int Phone => phone;

    public TimeSpan Now => time.GetElapsedTime(origin);

    public IReadOnlyList<TapeEvent> Events
    {
        get
        {
            lock (_lock)
            {
                return [.. _events.OrderBy(one => one.From)];
            }
        }
    }

    public void Note(Happening what) => Note(what, Now, Now);

    public void Note(Happening what, TimeSpan from, TimeSpan to)
    {
        lock (_lock)
        {
            _events.Add(new(what, from, to));
        }
    }
}
