using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>What the caller really hears, a millisecond at a time, at the far end of a line whose delays change but keep the order.</summary>
internal sealed class TwilioPlayOut(Random random, int maxDelayThere, int maxDelayBack)
{
    private const int BytesPerMillisecond = 8;

    private readonly Dictionary<int, long> _played = [];
    private Queue<(int At, Command Command)> _onTheWay = new();
    private Queue<Command> _buffer = new();
    private Queue<(int At, Mark Mark)> _onTheWayBack = new();
    private int _lastThere;
    private int _lastBack;
    private int _now;

    /// <param name="Mark">Comes back when all before it was played; null for audio.</param>
    private sealed record Command(int Generation, int Bytes, Mark? Mark, bool IsClear = false);

    public int MaxDelayBack => maxDelayBack;

    public long Played(int generation) => _played.GetValueOrDefault(generation);

    public void Send(int generation, int bytes, Mark mark)
    {
        Post(new Command(generation, bytes, null));
        Post(new Command(generation, 0, mark));
    }

    public void Clear() => Post(new Command(0, 0, null, IsClear: true));

    /// <returns>The marks that arrive at our side within this millisecond.</returns>
    public List<Mark> Step()
    {
        _now++;
        while (_onTheWay.TryPeek(out var next) && next.At <= _now)
        {
            Take(_onTheWay.Dequeue().Command);
        }

        Play();

        var returned = new List<Mark>();
        while (_onTheWayBack.TryPeek(out var next) && next.At <= _now)
        {
            returned.Add(_onTheWayBack.Dequeue().Mark);
        }

        return returned;
    }

    /// <summary>How far this generation would be played when something that is sent now arrives at the latest.</summary>
    public long PlayedAfterTheWayThere(int generation)
    {
        var future = new TwilioPlayOut(random: new Random(0), maxDelayThere, maxDelayBack)
        {
            _now = _now,
            _onTheWay = new(_onTheWay),
            _buffer = new(_buffer),
            _onTheWayBack = new(),
        };

        for (var i = 0; i <= maxDelayThere; i++)
        {
            future.Step();
        }

        return Played(generation) + future.Played(generation);
    }

    private void Post(Command command)
    {
        _lastThere = Math.Max(_lastThere, _now + random.Next(maxDelayThere + 1));
        _onTheWay.Enqueue((_lastThere, command));
    }

    private void Take(Command command)
    {
        if (!command.IsClear)
        {
            _buffer.Enqueue(command);
            return;
        }

        foreach (var pending in _buffer)
        {
            Return(pending.Mark);
        }

        _buffer.Clear();
    }

    private void Play()
    {
        var budget = BytesPerMillisecond;
        while (_buffer.TryPeek(out var next) && (budget > 0 || next.Mark is not null))
        {
            _buffer.Dequeue();
            Return(next.Mark);

            var now = Math.Min(budget, next.Bytes);
            budget -= now;
            _played[next.Generation] = Played(next.Generation) + now;
            if (now < next.Bytes)
            {
                // To the front again: the rest plays later.
                _buffer = new([next with { Bytes = next.Bytes - now }, .. _buffer]);
            }
        }
    }

    private void Return(Mark? mark)
    {
        if (mark is { } returned)
        {
            _lastBack = Math.Max(_lastBack, _now + random.Next(maxDelayBack + 1));
            _onTheWayBack.Enqueue((_lastBack, returned));
        }
    }
}
