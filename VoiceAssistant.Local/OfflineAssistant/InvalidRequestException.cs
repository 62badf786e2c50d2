namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>What OpenAI answers with an <c>error</c> event of type <c>invalid_request_error</c>; the session goes on.</summary>
internal sealed class InvalidRequestException(string? code, string message, string? param = null) : Exception(message)
{
    public string? Code => code;

    /// <summary>The path of the field at fault, as in <c>session.audio.output.voice</c>.</summary>
    public string? Param => param;
}
