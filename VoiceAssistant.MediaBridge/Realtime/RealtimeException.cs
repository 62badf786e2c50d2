using System.Net;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>The model cannot be reached, refuses, or broke off.</summary>
/// <param name="reason">For the operator: what happened, and which setting to look at.</param>
/// <param name="innerException">What the connection said.</param>
internal sealed class RealtimeException(string reason, Exception? innerException = null) : Exception(reason, innerException)
{
    // https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 lets a server ask for hours.
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(2);

    /// <summary>What happened as spans and metrics name it: of few values.</summary>
    public string ErrorType { get; init; } = "_OTHER";

    /// <summary>Whether the same will fail again however often it is tried: a setting or the account is at fault.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>Whether the cause is gone: the next try need not wait.</summary>
    public bool IsRemedied { get; init; }

    /// <summary>Before that, another try would be in vain.</summary>
    public TimeSpan RetryAfter { get; set; }

    /// <param name="status">How the handshake was answered; 0 where it was not.</param>
    /// <param name="retryAfter">The header of that name.</param>
    /// <param name="exception">What the socket said.</param>
    public static RealtimeException From(HttpStatusCode status, TimeSpan retryAfter, Exception exception) => new(
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
        IsPermanent = status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound,
        RetryAfter = retryAfter < MostPatience ? retryAfter : MostPatience,
    };
}
