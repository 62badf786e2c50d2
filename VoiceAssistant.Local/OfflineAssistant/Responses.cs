namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The assistant's side of the conversation: at most one response is being spoken.</summary>
internal sealed class Responses : IDisposable
{
    // OpenAI's audio comes much faster than it is played, and a bridge has to cope: whoever takes its arrival for its playback
    // cuts the assistant off in mid-sentence. So every delta follows after a tenth of the one before.
    private const int FasterThanRealTime = 10;

    private readonly SessionSettings _settings;
    private readonly Conversation _conversation;
    private readonly ConversationEvents _items;
    private readonly ResponseEvents _events;
    private readonly ITimer _pace;
    private Response? _speaking;
    private Usage _lastInput = new(0, 0, 0, 0, 0, 0);

    public Responses(SessionSettings settings, Conversation conversation, ServerEvents events, TimeProvider time, Lock gate)
    {
        _settings = settings;
        _conversation = conversation;
        _items = new(events);
        _events = new(events);
        _pace = time.CreateTimer(
            _ =>
            {
                lock (gate)
                {
                    Speak();
                }
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A response has been spoken, or was cut off; said before the client is told.</summary>
    public event Action? Spoken;

    public bool IsSpeaking => _speaking is not null;

    /// <exception cref="InvalidRequestException">Another response is being spoken, or no audio was agreed on.</exception>
    public void Create(ResponseRequest request)
    {
        if (_speaking is { } active && !(request.WritesOnly && request.IsOutOfBand))
        {
            throw new InvalidRequestException(
                "conversation_already_has_active_response",
                $"Conversation already has an active response in progress: {active.Id}. Wait until the response is finished before creating a new one.");
        }

        if (!request.WritesOnly && !request.Speaks)
        {
            throw Fields.Invalid(
                "session.audio.output.format", "The offline assistant speaks a telephone's audio only: set audio.output.format to {\"type\":\"audio/pcmu\"}.");
        }

        var response = Begin(request);
        if (request.WritesOnly)
        {
            _events.Words(response, response.Next().Words);
            Complete(response);
        }
        else
        {
            _settings.HasSpoken = true;
            _speaking = response;
            Speak();
        }
    }

    /// <param name="id">Null for whichever is active.</param>
    /// <exception cref="InvalidRequestException">It is not active.</exception>
    public void Cancel(string? id)
    {
        if (_speaking is null || (id is not null && id != _speaking.Id))
        {
            throw new InvalidRequestException("response_cancel_not_active", "Cancellation failed: no active response found");
        }

        Cancel(_speaking, "client_cancelled");
    }

    /// <summary>The caller has begun to speak.</summary>
    public void Interrupt()
    {
        if (_speaking is { Request.IsOutOfBand: false } response)
        {
            Cancel(response, "turn_detected");
        }
    }

    public void Dispose()
    {
        _speaking = null;
        _pace.Dispose();
    }

    private Response Begin(ResponseRequest request)
    {
        var answer = request.WritesOnly ? Answers.Write(_conversation) : Answers.Speak(_conversation);
        var response = new Response(request, answer, request.IsOutOfBand ? null : _conversation.Id, CountInput(request));

        _events.Created(response);
        _events.RateLimits();
        _events.ItemAdded(response);
        if (!request.IsOutOfBand)
        {
            response.PreviousItemId = _conversation.Add(response.Item);
            _items.Added(response.Item, response.PreviousItemId);
        }

        _events.PartAdded(response);
        return response;
    }

    private void Speak()
    {
        if (_speaking is not { } response)
        {
            return;
        }

        var (words, audio) = response.Next();
        if (!response.IsAllSent)
        {
            // Before the delta leaves: who has received it may count on the next.
            _pace.Change(TimeSpan.FromMilliseconds((double)audio.Length / MuLaw.BytesPerMs / FasterThanRealTime), Timeout.InfiniteTimeSpan);
        }

        if (words.Length > 0)
        {
            _events.Words(response, words);
        }

        _events.Audio(response, audio.Span);
        if (response.IsAllSent)
        {
            Complete(response);
        }
    }

    private void Complete(Response response)
    {
        response.Complete();
        End(response);
    }

    private void Cancel(Response response, string reason)
    {
        response.Cancel(reason);
        End(response);
    }

    // A response that was cancelled ends with the same events as one that was not.
    private void End(Response response)
    {
        if (!response.Request.WritesOnly)
        {
            _speaking = null;
            Spoken?.Invoke();
            _events.AudioDone(response);
        }

        _events.WordsDone(response);
        _events.PartDone(response);
        if (!response.Request.IsOutOfBand)
        {
            _items.Done(response.Item, response.PreviousItemId);
        }

        _events.ItemDone(response);
        _events.Done(response);
    }

    // Every response takes the whole conversation in again; what the one before took in, too, is cached.
    private Usage CountInput(ResponseRequest request)
    {
        var text = ConversationItem.CountTokens(request.Instructions) + _conversation.Items.Sum(item => item.TextTokens);
        var audio = _conversation.Items.Sum(item => item.AudioTokens);
        return _lastInput = new(
            text, audio, Math.Min(text, _lastInput.InputText), Math.Min(audio, _lastInput.InputAudio), OutputText: 0, OutputAudio: 0);
    }
}
