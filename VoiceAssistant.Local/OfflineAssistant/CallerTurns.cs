namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>Makes the caller's audio into items: by voice activity, or when the client commits it.</summary>
internal sealed class CallerTurns(SessionSettings settings, Conversation conversation, Responses responses, ServerEvents events) : IDisposable
{
    // Ten minutes: a longer turn is cut, and a longer buffer takes no more.
    private const int MaxBytes = 600 * MuLaw.SampleRate;

    // OpenAI's limits: of one append, and of the least that can be committed.
    private const int MaxAppendCharacters = 15 * 1024 * 1024;
    private const int MinCommitMs = 100;

    private readonly InputAudio _audio = new();
    private readonly VoiceActivity _activity = new();
    private readonly InputEvents _events = new(events);
    private readonly ConversationEvents _items = new(events);

    private long _examined;
    private long _turnStart;
    private string? _turnId;

    /// <summary>Whether the caller is speaking.</summary>
    public bool IsOpen => _turnId is not null;

    public void Append(ReadOnlySpan<byte> base64)
    {
        if (!settings.Hears)
        {
            throw Fields.Invalid(
                "session.audio.input.format", "The offline assistant hears a telephone's audio only: set audio.input.format to {\"type\":\"audio/pcmu\"}.");
        }

        if (_audio.Count > MaxBytes && settings.TurnDetection is null)
        {
            throw Fields.Invalid("audio", "The input audio buffer holds ten minutes of audio: commit or clear it.");
        }

        if (base64.Length > MaxAppendCharacters || !_audio.TryAppend(base64))
        {
            throw Fields.Invalid("audio", "Invalid 'audio'. Expected at most 15 MiB of base64-encoded audio bytes (mono PCMU at 8kHz) but got an invalid value.");
        }

        Examine();
    }

    public void Commit()
    {
        if (_audio.Count < MinCommitMs * MuLaw.BytesPerMs)
        {
            throw new InvalidRequestException(
                "input_audio_buffer_commit_empty",
                FormattableString.Invariant(
                    $"Error committing input audio buffer: buffer too small. Expected at least {MinCommitMs}ms of audio, but buffer only has {(double)_audio.Count / MuLaw.BytesPerMs:0.00}ms of audio."));
        }

        _examined = _audio.End;
        Commit(_turnId is null ? _audio.Start : _turnStart);
    }

    public void Clear()
    {
        _examined = _audio.End;
        _audio.ForgetBefore(_examined);
        _turnId = null;
        _activity.Reset();
        _events.Cleared();
    }

    public void Dispose() => _audio.Dispose();

    private void Examine()
    {
        while (settings.TurnDetection is { } detection && _examined + VoiceActivity.WindowBytes <= _audio.End)
        {
            var change = _activity.Examine(_audio.Slice(_examined, VoiceActivity.WindowBytes), detection);
            _examined += VoiceActivity.WindowBytes;

            if (change == VoiceChange.Started)
            {
                Begin(detection);
            }
            else if (change == VoiceChange.Stopped || (_turnId is not null && _examined - _turnStart >= MaxBytes))
            {
                End(detection);
            }

            if (_turnId is null)
            {
                _audio.ForgetBefore(_examined - Onset(detection));
            }
        }
    }

    private void Begin(TurnDetection detection)
    {
        _turnId = RealtimeId.New("item");
        _turnStart = Math.Max(_audio.Start, _examined - Onset(detection));
        _events.SpeechStarted(_turnStart / MuLaw.BytesPerMs, _turnId);
        if (detection.InterruptResponse)
        {
            responses.Interrupt();
        }
    }

    private void End(TurnDetection detection)
    {
        _events.SpeechStopped(_examined / MuLaw.BytesPerMs, _turnId!);
        Commit(_turnStart);
        if (!detection.CreateResponse)
        {
            return;
        }

        try
        {
            responses.Create(ResponseRequest.Read(null, settings));
        }
        catch (InvalidRequestException error)
        {
            // The assistant goes on speaking, for interrupt_response is off: as with OpenAI this turn is left without an answer.
            events.Error(error, eventId: null);
        }
    }

    // The turn is what lies between its start and what was examined last.
    private void Commit(long start)
    {
        var previousId = conversation.LastId;
        var item = ConversationItem.FromCaller(_turnId ?? RealtimeId.New("item"), _audio.Take(start, _examined));
        _turnId = null;
        _activity.Reset();

        _events.Committed(previousId, item.Id);
        conversation.Add(item);
        _items.Added(item, previousId);
        _items.Done(item, previousId);

        if (settings.Transcribes)
        {
            item.Transcript = ConversationItem.Describe(item.Audio);
            _events.Transcribed(item);
        }
    }

    private static int Onset(TurnDetection detection) =>
        (VoiceActivity.OnsetWindows * VoiceActivity.WindowBytes) + (detection.PrefixPaddingMs * MuLaw.BytesPerMs);
}
