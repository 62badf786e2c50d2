using System.Text;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What is done when a response has ended: if the caller has not heard a whole answer, they are not left in silence.</summary>
internal sealed partial class ModelPump
{
    // A line of the log stays one that is read, whatever the model sends.
    private const int MaxWhat = 250;

    private readonly ResponseFailures _failures = new();

    // The response that has begun last and not ended.
    private string? _activeId;

    private bool IsGreeting => floor.Open is OpenTurn.Greeting;

    private async Task ResponseDoneAsync(RealtimeResponse? response, ResponseReport? report, CancellationToken cancellationToken)
    {
        var spoke = playback.ResponseEnded(Encoding.UTF8.GetBytes(response?.Id ?? ""), out var wasInterrupted);
        string[] calls = [.. report?.CallIds ?? []];
        foreach (var call in calls)
        {
            // Whatever becomes of this response: without an output the model would call the tool again.
            await model.AddCallOutputAsync(call, Prompts.NoSuchTool, cancellationToken);
        }

        if (response?.Id is { } id && _activeId is { } active && active != id)
        {
            // Another one has begun, and answers the caller.
            return;
        }

        _activeId = null;
        var hasFailed = response?.Status is "failed";
        if ((response?.Status is "cancelled" && (spoke || response.StatusDetails?.Reason is "turn_detected")) || (wasInterrupted && spoke && !hasFailed))
        {
            floor.ResponseCancelled();
            return;
        }

        floor.ResponseEnded(isAnswer: spoke && !hasFailed);
        if (hasFailed)
        {
            await FailedAsync(response!.ErrorCode ?? response.Status, cancellationToken);
        }
        else if (spoke && calls is [] && response?.Status is not "incomplete")
        {
            _failures.Reset();
        }
        else if (!floor.CallerSpeaks)
        {
            await (spoke ? UnfinishedAsync(response, report, calls is not [], cancellationToken) : SilentAsync(response, report, calls is not [], cancellationToken));
        }
    }

    private async Task FailedAsync(string? code, CancellationToken cancellationToken)
    {
        var answer = RealtimeError.IsFatal(code) ? ResponseFailures.Answer.GiveUp : _failures.Next(IsGreeting);
        Log.ResponseFailed(logger, caller.CallSid, code, answer);
        await (answer switch
        {
            ResponseFailures.Answer.Retry => RetryLaterAsync(RealtimeError.IsRateLimit(code) ? _limitReset : TimeSpan.Zero, cancellationToken),
            ResponseFailures.Answer.AskAgain => SayThatAgainAsync(cancellationToken),
            _ => throw new RealtimeException($"it does not answer any more ({code})")
            {
                ErrorType = RealtimeError.TypeOf(code),
                IsPermanent = true,
            },
        });
    }

    private async Task SilentAsync(RealtimeResponse? response, ResponseReport? report, bool callsTools, CancellationToken cancellationToken)
    {
        var what = What(response, report);
        var answer = _failures.NextSilent(callsTools, report?.HasText is true, IsGreeting);
        Log.ResponseSilent(logger, caller.CallSid, what, answer);
        await (answer switch
        {
            ResponseFailures.Answer.RefuseTools => AskOnAsync(prompt: null, insistsOnAudio: false, cancellationToken),
            ResponseFailures.Answer.AskForSpeech => AskOnAsync(Prompts.SayAloud, insistsOnAudio: true, cancellationToken),
            ResponseFailures.Answer.Retry => RetryLaterAsync(TimeSpan.Zero, cancellationToken),
            ResponseFailures.Answer.AskAgain => SayThatAgainAsync(cancellationToken),
            _ => throw new RealtimeException($"its responses end with nothing to hear ({what})") { ErrorType = "silent_responses", IsPermanent = true },
        });
    }

    private async Task UnfinishedAsync(RealtimeResponse? response, ResponseReport? report, bool callsTools, CancellationToken cancellationToken)
    {
        var answer = _failures.NextUnfinished(callsTools);
        Log.ResponseUnfinished(logger, caller.CallSid, What(response, report), answer);
        switch (answer)
        {
            case ResponseFailures.Answer.GoOn:
                floor.AnswerCut();
                await AskOnAsync(
                    response?.StatusDetails?.Reason is "content_filter" ? Prompts.AnswerWasFiltered : Prompts.AnswerWasCut, insistsOnAudio: false, cancellationToken);
                break;
            case ResponseFailures.Answer.RefuseTools:
                floor.AnswerCut();
                await AskOnAsync(prompt: null, insistsOnAudio: false, cancellationToken);
                break;
            default:
                await SayThatAgainAsync(cancellationToken);
                break;
        }
    }

    private async Task AskOnAsync(string? prompt, bool insistsOnAudio, CancellationToken cancellationToken)
    {
        floor.AnswerPutOff();
        turns.ResponseAsked();
        if (prompt is not null)
        {
            await model.AddMessageAsync("system", prompt, cancellationToken);
        }

        await AskAsync(insistsOnAudio, cancellationToken);
    }

    private async Task RetryLaterAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        floor.AnswerPutOff();
        await oneMoment.TrySayAsync(cancellationToken);
        turns.ResponseAsked();
        _retrying = Task.WhenAll(_retrying, RetryAsync(pause, cancellationToken));
    }

    private async Task SayThatAgainAsync(CancellationToken cancellationToken)
    {
        turns.ClipPlayed(Clips.SayThatAgain);
        await Clips.SayThatAgain.PlayAsync(caller, playback, cancellationToken);
    }

    // Words of the protocol, never what was said.
    private string What(RealtimeResponse? response, ResponseReport? report)
    {
        var reason = response?.StatusDetails?.Reason is { } word ? $", {RealtimeError.TypeOf(word)}" : "";
        var types = report?.Types is { Length: > 0 } all ? all : "no output";
        var what = $"{RealtimeError.TypeOf(response?.Status)}{reason}: {types}{_unknown}";
        return what.Length > MaxWhat ? what[..MaxWhat] : what;
    }
}
