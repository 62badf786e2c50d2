using System.Collections.Concurrent;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>The calls that this bridge holds.</summary>
internal sealed class LiveCalls
{
    private readonly ConcurrentDictionary<LiveCall, bool> _calls = new();
    private int _handedOver;
    private int _inMidTurn;
    private int _ended;

    public int Count => _calls.Count;

    /// <summary>How many have left for another bridge between two turns.</summary>
    public int HandedOver => Volatile.Read(ref _handedOver);

    /// <summary>How many have been ended.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>How many callers noticed: those that have left in mid-turn, and those that have been ended.</summary>
    public int Forced => Volatile.Read(ref _inMidTurn) + Ended;

    /// <summary>Lets other bridges go on with all of them. Each leaves as soon as the moment has come and the record knows what was said.</summary>
    public void HandOver(HandOverMoment moment)
    {
        foreach (var (call, _) in _calls)
        {
            call.HandOver(moment);
        }
    }

    /// <returns>Is of the calls until it is disposed.</returns>
    public LiveCall Add()
    {
        var call = new LiveCall(this);
        _calls.TryAdd(call, true);
        return call;
    }

    internal sealed class LiveCall(LiveCalls calls) : IDisposable
    {
        private int _moment;

        private HandOverMoment Moment => (HandOverMoment)Volatile.Read(ref _moment);

        public bool IsToEnd => Moment is HandOverMoment.Missed;

        /// <summary>Lets another bridge go on with it.</summary>
        public void HandOver(HandOverMoment moment)
        {
            // What was to be done at once is not put off again, whoever says so meanwhile.
            for (var before = Moment; before < moment && Interlocked.CompareExchange(ref _moment, (int)moment, (int)before) != (int)before;)
            {
                before = Moment;
            }
        }

        public bool IsToLeave(bool isBetweenTurns) => Moment switch
        {
            HandOverMoment.Now => true,
            HandOverMoment.BetweenTurns => isBetweenTurns,
            _ => false,
        };

        public void HasLeft(bool wasBetweenTurns) => Interlocked.Increment(ref wasBetweenTurns ? ref calls._handedOver : ref calls._inMidTurn);

        public void HasEnded() => Interlocked.Increment(ref calls._ended);

        public void Dispose() => calls._calls.TryRemove(this, out _);
    }
}

internal enum HandOverMoment
{
    Never,

    /// <summary>When nobody speaks, nor is about to.</summary>
    BetweenTurns,

    Now,

    /// <summary>Nobody could go on with it any more: it ends with a goodbye.</summary>
    Missed,
}
