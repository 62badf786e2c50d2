using System.Net;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>The model cannot be reached, refuses, or broke off.</summary>
/// <param name="reason">For the operator: what happened, and which setting to look at.</param>
/// <param name="innerException">What the connection said.</param>
internal sealed class RealtimeException(string reason, Exception? innerException = null) : Exception(reason, innerException)
{
    /// <summary>What happened as spans and metrics name it: of few values.</summary>
    public string ErrorType { get; init; } = "_OTHER";

    public static RealtimeException From(HttpStatusCode status, Exception exception) => new(
        status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => $"it answered {(int)status}: OPENAI_API_KEY (or the identity of REALTIME_AUTH=entra) is not accepted",
            HttpStatusCode.NotFound => "it answered 404: REALTIME_URL or REALTIME_MODEL is not known there",
            HttpStatusCode.TooManyRequests => "it answered 429: the account's limit of requests or money is reached",
            0 => $"no connection, is REALTIME_URL right? ({exception.GetBaseException().Message.TrimEnd('.')})",
            _ => $"it answered {(int)status}",
        },
        exception)
    {
        ErrorType = status is 0 ? "unreachable" : $"{(int)status}",
    };
}
