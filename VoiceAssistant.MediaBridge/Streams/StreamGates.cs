using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>How many sockets there may be: calls, and strangers, which have not shown their token yet. Neither takes the other's room.</summary>
internal sealed partial class StreamGates(IOptions<StreamOptions> options, TimeProvider time, ILogger<StreamGates> logger)
{
    // A call shows its token within a fraction of a second.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly int _maxCalls = options.Value.MaxCalls!.Value;
    private readonly Rarely _refusals = new(time);
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _strangersOf = [];
    private readonly List<Slot> _strangers = [];
    private int _calls;

    public int MaxCalls => _maxCalls;

    /// <summary>How many calls are being held.</summary>
    public int Calls => Volatile.Read(ref _calls);

    // Twilio's calls come from few addresses, and after the loss of another replica all of its calls come at once.
    private int MaxStrangersOfClient => Math.Max(10, _maxCalls / 2);

    /// <summary>Who shows no token is gone after five seconds, and after one where others wait for the place.</summary>
    public static int MaxStrangers(int maxCalls) => Math.Max(32, maxCalls);

    /// <summary>Takes a place for a stranger; where all are taken, that of the one that has been silent for longest.</summary>
    /// <param name="client">Null where many clients may stand behind one address.</param>
    /// <returns>Null where there is no room.</returns>
    public Slot? TryEnter(IPAddress? client)
    {
        var slot = TryTake(client);
        if (slot is null && _refusals.IsDue(out var others))
        {
            LogFull(Calls, _maxCalls, _strangers.Count, others);
        }

        return slot;
    }

    private Slot? TryTake(IPAddress? client)
    {
        lock (_lock)
        {
            if (_calls >= _maxCalls
                || (client is not null && _strangersOf.GetValueOrDefault(client) >= MaxStrangersOfClient)
                || (_strangers.Count >= MaxStrangers(_maxCalls) && !TryCutOffOldest()))
            {
                return null;
            }

            if (client is not null)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_strangersOf, client, out _)++;
            }

            var slot = new Slot(this, client, time.GetTimestamp());
            _strangers.Add(slot);
            return slot;
        }
    }

    private bool TryCutOffOldest()
    {
        var oldest = _strangers[0];
        if (time.GetElapsedTime(oldest.Since) < Patience)
        {
            return false;
        }

        LeaveStranger(oldest);
        oldest.CutOff();
        return true;
    }

    private void LeaveStranger(Slot slot)
    {
        _strangers.Remove(slot);
        if (slot.Client is { } client && --CollectionsMarshal.GetValueRefOrNullRef(_strangersOf, client) == 0)
        {
            _strangersOf.Remove(client);
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "A stream was turned away (503): {Calls} calls of at most {MaxCalls} (MAX_CALLS) and {Strangers} sockets that have shown no token yet are open "
        + "({Others} more since the last such line).", EventName = "Full")]
    private partial void LogFull(int calls, int maxCalls, int strangers, int others);

    /// <summary>A socket's place, until it is disposed.</summary>
    internal sealed class Slot(StreamGates gates, IPAddress? client, long since) : IDisposable
    {
        private readonly TaskCompletionSource _cutOff = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private State _state;

        private enum State
        {
            Stranger,
            Call,
            Gone,
        }

        public IPAddress? Client => client;

        public long Since => since;

        /// <summary>Completes when the place was given to another.</summary>
        public Task IsCutOff => _cutOff.Task;

        /// <summary>The stranger has shown its token.</summary>
        /// <returns>False where others were faster: there is no room for another call, or the place is another's.</returns>
        public bool TryBecomeCall()
        {
            lock (gates._lock)
            {
                if (_state is not State.Stranger || gates._calls >= gates._maxCalls)
                {
                    return false;
                }

                gates.LeaveStranger(this);
                gates._calls++;
                _state = State.Call;
                return true;
            }
        }

        public void Dispose()
        {
            lock (gates._lock)
            {
                if (_state is State.Stranger)
                {
                    gates.LeaveStranger(this);
                }
                else if (_state is State.Call)
                {
                    gates._calls--;
                }

                _state = State.Gone;
            }
        }

        internal void CutOff()
        {
            _state = State.Gone;
            _cutOff.SetResult();
        }
    }
}
