using System.Collections.Concurrent;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>The calls that this bridge holds.</summary>
internal sealed class LiveCalls
{
    private readonly ConcurrentDictionary<LiveCall, bool> _calls = new();

    public int Count => _calls.Count;

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

        /// <summary>Lets another bridge go on with it.</summary>
        public void HandOver(HandOverMoment moment)
        {
            // What was to be done at once is not put off again.
            if (Volatile.Read(ref _moment) < (int)moment)
            {
                Volatile.Write(ref _moment, (int)moment);
            }
        }

        public bool IsToLeave(bool isBetweenTurns) => (HandOverMoment)Volatile.Read(ref _moment) switch
        {
            HandOverMoment.Now => true,
            HandOverMoment.BetweenTurns => isBetweenTurns,
            _ => false,
        };

        public void Dispose() => calls._calls.TryRemove(this, out _);
    }
}

internal enum HandOverMoment
{
    Never,

    /// <summary>When nobody speaks, nor is about to.</summary>
    BetweenTurns,

    Now,
}
