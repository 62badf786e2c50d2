using System.Text;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>
/// What <see cref="Playback"/> says was heard, against a play-out whose true position is known: never more than was sent, never behind
/// what had been heard when the last mark could have left, never ahead of what will have been heard when a clear arrives.
/// </summary>
[Trait("Proves", "R24")]
public sealed class PlaybackAccuracyTests
{
    private const int BytesPerMillisecond = 8;
    private const int Milliseconds = 20_000;

    // The clock and the play-out move in steps of a millisecond, and what is reported is rounded down to one.
    private const long Tolerance = 2 * BytesPerMillisecond;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Heard_IsTrue_WithinTheWayToTwilioAndBack(int seed)
    {
        var call = new Call(seed);
        for (var i = 0; i < Milliseconds; i++)
        {
            call.Step();
        }

        Assert.True(call.Interruptions > 3, $"Seed {seed} interrupts {call.Interruptions} times only.");
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];

    private sealed class Call
    {
        private readonly int _seed;
        private readonly Random _random;
        private readonly FakeTimeProvider _time = new();
        private readonly Playback _playback;
        private readonly TwilioPlayOut _twilio;
        private readonly List<(int Generation, long Played)> _history = [];
        private readonly List<(string Item, long Start, long Length)> _sent = [];
        private readonly int _pace;
        private int _generation;
        private int _responses;
        private int _items;
        private string? _response;
        private string? _interrupted;
        private string _item = "";

        public Call(int seed)
        {
            _seed = seed;
            _random = new Random(seed);
            _playback = new Playback(_time);
            _twilio = new TwilioPlayOut(_random, _random.Next(400), _random.Next(400));
            // From as fast as it is heard, with underruns, to the whole answer in a moment.
            _pace = _random.Next(20, 400);
        }

        public int Interruptions { get; private set; }

        private long Sent => _sent.Count == 0 ? 0 : _sent[^1].Start + _sent[^1].Length;

        public void Step()
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
            foreach (var mark in _twilio.Step())
            {
                _playback.MarkReturned(mark);
            }

            _history.Add((_generation, _twilio.Played(_generation)));

            if (_response is null)
            {
                if (_random.Next(300) == 0)
                {
                    _response = $"r{++_responses}";
                    _item = $"i{++_items}";
                    _playback.ResponseStarted(Bytes(_response));
                }
            }
            else if (_random.Next(_pace) < 5)
            {
                Send(_response, _item, _random.Next(1, 4000));
            }
            else if (_random.Next(1000) == 0)
            {
                _item = $"i{++_items}";
            }
            else if (_random.Next(2000) == 0)
            {
                _playback.ResponseEnded(Bytes(_response), out _);
                _response = null;
            }

            if (_random.Next(3000) == 0)
            {
                Send("", "", _random.Next(1, 8000));
            }

            if (_interrupted is not null && _random.Next(100) == 0)
            {
                Assert.False(_playback.TryAdd(Bytes(_interrupted), Bytes($"i{_items}"), 160, out _));
            }

            if (_random.Next(1500) == 0)
            {
                Interrupt();
            }
        }

        private void Send(string response, string item, int bytes)
        {
            Assert.True(_playback.TryAdd(Bytes(response), Bytes(item), bytes, out var mark));
            _sent.Add((item, Sent, bytes));
            _twilio.Send(_generation, bytes, mark);
        }

        private void Interrupt()
        {
            var where = $"seed {_seed} at {_history.Count} ms";
            var behind = _history[^Math.Min(_history.Count, _twilio.MaxDelayBack + 1)];
            var atLeast = behind.Generation == _generation ? behind.Played : 0;
            var atMost = _twilio.PlayedAfterTheWayThere(_generation);

            var interruption = _playback.Interrupt();
            if (interruption is null)
            {
                Assert.True(_response is null && _twilio.Played(_generation) == Sent, where);
                return;
            }

            Interruptions++;
            Assert.True(interruption.MustClear || _twilio.Played(_generation) == Sent, where);

            var reported = interruption.Items.ToDictionary(item => Encoding.ASCII.GetString(item.ItemId), item => item.Milliseconds * BytesPerMillisecond);
            Assert.Equal(reported.Keys, _sent.Select(piece => piece.Item).Distinct().Where(reported.ContainsKey));
            foreach (var item in _sent.Where(piece => piece.Item is not "").GroupBy(piece => piece.Item))
            {
                var sent = item.Sum(piece => piece.Length);
                var heard = reported.GetValueOrDefault(item.Key, sent);

                Assert.True(heard <= sent, $"{where}: {item.Key} heard {heard} of {sent}");
                Assert.True(heard <= Heard(item, atMost) + Tolerance, $"{where}: {item.Key} heard {heard}, at most {Heard(item, atMost)} of {sent}");
                Assert.True(heard >= Heard(item, atLeast) - Tolerance, $"{where}: {item.Key} heard {heard}, at least {Heard(item, atLeast)} of {sent}");
            }

            if (interruption.MustClear)
            {
                _twilio.Clear();
            }

            _interrupted = _response ?? _interrupted;
            _response = null;
            _generation++;
            _sent.Clear();
        }

        private static long Heard(IEnumerable<(string Item, long Start, long Length)> item, long played) =>
            item.Sum(piece => Math.Clamp(played - piece.Start, 0, piece.Length));

        private static byte[] Bytes(string id) => Encoding.ASCII.GetBytes(id);
    }
}
