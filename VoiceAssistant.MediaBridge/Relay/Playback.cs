using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>
/// Knows what the caller has heard: what was sent to Twilio, item by item, and how far the marks that came back say it has been played.
/// </summary>
/// <remarks>
/// One timeline of bytes per generation; a generation ends when the caller interrupts. Thread-safe: the model's side sends while the
/// caller's side brings the marks back.
/// </remarks>
internal sealed class Playback(TimeProvider time)
{
    // µ-law: 8000 bytes a second.
    private const int BytesPerMillisecond = 8;

    // Four minutes in frames of 20 ms: nobody is talked to for so long on the phone, and what is kept of it stays below a megabyte.
    private const int MaxPieces = 12_000;
    private const long MaxResponseBytes = 4 * 60_000 * BytesPerMillisecond;

    private readonly Lock _lock = new();
    private readonly List<Item> _items = [];
    private readonly Queue<(Mark Mark, long Position)> _marks = new();
    private readonly RecentIds _spokenResponses = new();
    private readonly RecentIds _interruptedResponses = new();
    private readonly RecentIds _truncatedItems = new();
    private readonly RecentIds _spokenItems = new();

    private TaskCompletionSource? _drained;
    private byte[]? _activeResponse;
    private int _generation = 1;
    private int _session = 1;
    private int _lastItemNumber;
    private int _pieces;
    private byte[] _responseId = [];
    private long _responseSent;
    private long _sent;
    private long _played;
    private long _playedAt;

    /// <summary>How often something was sent to be heard.</summary>
    public int Pieces => Volatile.Read(ref _pieces);

    /// <summary>How much of what was sent is still to be heard, as far as is known.</summary>
    public TimeSpan Remaining
    {
        get
        {
            lock (_lock)
            {
                return TimeSpan.FromMilliseconds((_sent - Position()) / BytesPerMillisecond);
            }
        }
    }

    /// <summary>Another session of the model's begins to speak: what is still to be heard was said in one that it knows nothing of.</summary>
    public void SessionStarted()
    {
        lock (_lock)
        {
            if (_activeResponse is not null)
            {
                _interruptedResponses.Add(_activeResponse);
            }

            _activeResponse = null;
            _session++;
        }
    }

    public void ResponseStarted(ReadOnlySpan<byte> responseId)
    {
        lock (_lock)
        {
            _activeResponse = responseId.ToArray();
        }
    }

    /// <returns>Whether any of an item was passed on to the caller.</returns>
    public bool WasSent(ReadOnlySpan<byte> itemId)
    {
        lock (_lock)
        {
            return _spokenItems.Contains(itemId);
        }
    }

    /// <returns>How much the caller has heard of what was sent of an item, from 0 to 1.</returns>
    public double ShareHeard(ReadOnlySpan<byte> itemId)
    {
        lock (_lock)
        {
            long heard = 0, sent = 0;
            foreach (var item in _items)
            {
                if (itemId.SequenceEqual(item.Id))
                {
                    heard = item.Before + Math.Clamp(Position() - item.Start, 0, item.Length);
                    sent = item.Before + item.Length;
                }
            }

            return sent > 0 ? (double)heard / sent : _spokenItems.Contains(itemId) ? 1 : 0;
        }
    }

    /// <param name="responseId">Which.</param>
    /// <param name="wasInterrupted">Whether the rest of it was not to be heard.</param>
    /// <returns>Whether any of the response's audio was passed on to the caller, heard or interrupted.</returns>
    public bool ResponseEnded(ReadOnlySpan<byte> responseId, out bool wasInterrupted)
    {
        lock (_lock)
        {
            if (responseId.SequenceEqual(_activeResponse))
            {
                _activeResponse = null;
            }

            wasInterrupted = _interruptedResponses.Contains(responseId);
            return _spokenResponses.Contains(responseId);
        }
    }

    /// <summary>Accounts for audio about to be sent.</summary>
    /// <param name="responseId">Empty for a clip of our own.</param>
    /// <param name="itemId">Empty for a clip of our own.</param>
    /// <param name="bytes">Length of the decoded audio.</param>
    /// <param name="mark">To be sent behind the audio.</param>
    /// <returns>False if the caller has interrupted this response, or it does not end: the audio must not be sent.</returns>
    public bool TryAdd(ReadOnlySpan<byte> responseId, ReadOnlySpan<byte> itemId, int bytes, out Mark mark)
    {
        lock (_lock)
        {
            mark = default;
            if (_interruptedResponses.Contains(responseId))
            {
                return false;
            }

            if (!responseId.SequenceEqual(_responseId))
            {
                _responseId = responseId.ToArray();
                _responseSent = 0;
            }

            if (!responseId.IsEmpty && (_responseSent >= MaxResponseBytes || _marks.Count >= MaxPieces || _items.Count >= MaxPieces))
            {
                _interruptedResponses.Add(responseId);
                return false;
            }

            if (_items.Count == 0 || !itemId.SequenceEqual(_items[^1].Id) || _items[^1].Milliseconds == _items[^1].MillisecondsWith(bytes))
            {
                var id = itemId.ToArray();
                var earlier = _items.FindLast(item => item.Id.AsSpan().SequenceEqual(id));
                _items.Add(new Item(id, responseId.ToArray(), ++_lastItemNumber, Start: _sent, Before: earlier is null ? 0 : earlier.Before + earlier.Length, _session));
                _spokenResponses.Add(responseId);
                _spokenItems.Add(itemId);
            }

            if (Position() == _sent)
            {
                // Nothing was playing: this begins to play now.
                _played = _sent;
                _playedAt = time.GetTimestamp();
            }

            var item = _items[^1];
            item.Length += bytes;
            _pieces++;
            _sent += bytes;
            _responseSent += bytes;

            mark = new Mark(_generation, item.Number, item.Milliseconds);
            _marks.Enqueue((mark, _sent));
            return true;
        }
    }

    /// <summary>Whether audio that was not sent belongs to an item that the model has not been told about yet: asked once per item.</summary>
    /// <param name="itemId">What the audio was of.</param>
    /// <param name="milliseconds">How much of the item was sent; 0 where the caller interrupted before it.</param>
    public bool IsFirstLateAudioOf(ReadOnlySpan<byte> itemId, out long milliseconds)
    {
        lock (_lock)
        {
            milliseconds = 0;
            foreach (var item in _items)
            {
                milliseconds = itemId.SequenceEqual(item.Id) ? item.Milliseconds : milliseconds;
            }

            return _truncatedItems.Add(itemId);
        }
    }

    /// <summary>Twilio says that everything before the mark has been played, or thrown away.</summary>
    public void MarkReturned(in Mark mark)
    {
        lock (_lock)
        {
            // After a clear all marks come back at once, which proves nothing: those of an older generation are pending no more.
            if (!IsPending(mark))
            {
                return;
            }

            (Mark Mark, long Position) returned;
            do
            {
                returned = _marks.Dequeue();
            }
            while (returned.Mark != mark);

            _played = returned.Position;
            _playedAt = time.GetTimestamp();
            ForgetHeardItems();

            if (_marks.Count == 0)
            {
                Drained();
            }
        }
    }

    /// <summary>The caller has begun to speak.</summary>
    /// <returns>What to take back; null if nothing was playing or about to.</returns>
    public Interruption? Interrupt()
    {
        lock (_lock)
        {
            if (_marks.Count == 0 && _activeResponse is null)
            {
                return null;
            }

            var interruption = new Interruption(MustClear: _marks.Count > 0, Unheard(Position()));
            if (_activeResponse is not null)
            {
                _interruptedResponses.Add(_activeResponse);
            }

            _activeResponse = null;
            _items.Clear();
            _marks.Clear();
            Drained();
            _generation++;
            _sent = _played = 0;

            return interruption;
        }
    }

    /// <returns>Completes when the caller has heard all that was sent so far, or interrupts.</returns>
    public Task DrainedAsync()
    {
        lock (_lock)
        {
            if (_marks.Count == 0)
            {
                return Task.CompletedTask;
            }

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    private void Drained()
    {
        _drained?.SetResult();
        _drained = null;
    }

    private List<Heard> Unheard(long position)
    {
        var unheard = new List<Heard>();
        var last = _items.FindLastIndex(IsOfActiveResponse);
        for (var i = 0; i < _items.Count; i++)
        {
            var item = _items[i];
            var heard = Math.Clamp(position - item.Start, 0, item.Length);

            // More of the last one would have come.
            if (heard == item.Length && i != last)
            {
                continue;
            }

            _interruptedResponses.Add(item.ResponseId);
            if (item.Id.Length > 0 && _truncatedItems.Add(item.Id))
            {
                var sent = _items.FindLast(stretch => stretch.Id.AsSpan().SequenceEqual(item.Id))!.Milliseconds;
                unheard.Add(new Heard(item.Id, (item.Before + heard) / BytesPerMillisecond, sent, item.Session == _session));
            }
        }

        return unheard;
    }

    // Between marks the audio plays on in real time, but not past a mark that has not come back.
    private long Position()
    {
        var next = _marks.TryPeek(out var pending) ? pending.Position : _sent;
        return Math.Min(next, _played + (long)(time.GetElapsedTime(_playedAt).TotalMilliseconds * BytesPerMillisecond));
    }

    private bool IsPending(in Mark mark)
    {
        foreach (var pending in _marks)
        {
            if (pending.Mark == mark)
            {
                return true;
            }
        }

        return false;
    }

    // Of the response that is active, more of each may come.
    private void ForgetHeardItems()
    {
        var heard = 0;
        while (heard < _items.Count - 1 && _items[heard].Start + _items[heard].Length <= _played && !IsOfActiveResponse(_items[heard]))
        {
            heard++;
        }

        _items.RemoveRange(0, heard);
    }

    private bool IsOfActiveResponse(Item item) => _activeResponse is not null && item.ResponseId.AsSpan().SequenceEqual(_activeResponse);

    /// <summary>
    /// A stretch of an item's audio. There is a second one only where something else was sent in between, or where audio is so short that
    /// its mark would have a name for the second time.
    /// </summary>
    /// <param name="Id">Empty for a clip of our own, as is the response's.</param>
    /// <param name="ResponseId">What the model may still send more of.</param>
    /// <param name="Number">Tells the marks of one from those of another.</param>
    /// <param name="Start">Where on the timeline it begins.</param>
    /// <param name="Before">Bytes of the item in its earlier stretches.</param>
    /// <param name="Session">Which of the model's sessions said it.</param>
    private sealed record Item(byte[] Id, byte[] ResponseId, int Number, long Start, long Before, int Session)
    {
        public long Length { get; set; }

        /// <summary>Of the whole item, up to the end of this stretch.</summary>
        public long Milliseconds => MillisecondsWith(0);

        public long MillisecondsWith(int bytes) => (Before + Length + bytes) / BytesPerMillisecond;
    }
}
