using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Streams;

/// <summary>How many sockets there may be: calls, and strangers, which have not shown their token yet. Neither takes the other's room.</summary>
internal sealed partial class StreamGates(IOptions<StreamOptions> options, TimeProvider time, ILogger<StreamGates> logger)
{
    private readonly int _maxCalls = options.Value.MaxCalls!.Value;
    private readonly Rarely _refusals = new(time);
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, int> _strangersOf = [];
    private int _strangers;
    private int _calls;

    public int MaxCalls => _maxCalls;

    /// <summary>How many calls are being held.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Whether there is any socket, of a call or of a stranger.</summary>
    public bool HasSockets
    {
        get
        {
            lock (_lock)
            {
                return _calls + _strangers > 0;
            }
        }
    }

    // Twilio's calls come from few addresses, and after the loss of another replica all of its calls come at once.
    private int MaxStrangersOfClient => Math.Max(10, _maxCalls / 2);

    /// <summary>A call shows its token within a fraction of a second; who does not is gone after five.</summary>
    public static int MaxStrangers(int maxCalls) => Math.Max(32, maxCalls);

    /// <summary>Takes a place for a stranger.</summary>
    /// <param name="client">Null where many clients may stand behind one address.</param>
    /// <returns>Null where there is no room.</returns>
    public Slot? TryEnter(IPAddress? client)
    {
        var slot = TryTake(client);
        if (slot is null && _refusals.IsDue(out var others))
        {
            LogFull(Calls, _maxCalls, Volatile.Read(ref _strangers), others);
        }

        return slot;
    }

    private Slot? TryTake(IPAddress? client)
    {
        lock (_lock)
        {
            if (_calls >= _maxCalls || _strangers >= MaxStrangers(_maxCalls))
            {
                return null;
            }

            if (client is not null)
            {
                ref var strangers = ref CollectionsMarshal.GetValueRefOrAddDefault(_strangersOf, client, out _);
                if (strangers >= MaxStrangersOfClient)
                {
                    return null;
                }

                strangers++;
            }

            _strangers++;
            return new Slot(this, client);
        }
    }

    private bool TryBecomeCall(IPAddress? client)
    {
        lock (_lock)
        {
            if (_calls >= _maxCalls)
            {
                return false;
            }

            LeaveStranger(client);
            _calls++;
            return true;
        }
    }

    private void Leave(IPAddress? client, bool isCall)
    {
        lock (_lock)
        {
            if (isCall)
            {
                _calls--;
            }
            else
            {
                LeaveStranger(client);
            }
        }
    }

    private void LeaveStranger(IPAddress? client)
    {
        _strangers--;
        if (client is not null && --CollectionsMarshal.GetValueRefOrNullRef(_strangersOf, client) == 0)
        {
            _strangersOf.Remove(client);
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "A stream was turned away (503): {Calls} calls of at most {MaxCalls} (MAX_CALLS) and {Strangers} sockets that have shown no token yet are open "
        + "({Others} more since the last such line).", EventName = "Full")]
    private partial void LogFull(int calls, int maxCalls, int strangers, int others);

    /// <summary>A socket's place, until it is disposed.</summary>
    internal sealed class Slot(StreamGates gates, IPAddress? client) : IDisposable
    {
        private bool _isCall;
        private bool _isFree;

        /// <summary>The stranger has shown its token.</summary>
        /// <returns>False where others were faster: there is no room for another call.</returns>
        public bool TryBecomeCall() => _isCall = gates.TryBecomeCall(client);

        public void Dispose()
        {
            if (!_isFree)
            {
                _isFree = true;
                gates.Leave(client, _isCall);
            }
        }
    }
}
