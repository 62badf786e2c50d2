using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Local.Phone;

/// <summary>What the page tells its user about the other end.</summary>
/// <param name="Assistant">Who answers.</param>
/// <param name="Model">The model's name; null for an assistant without one.</param>
/// <param name="Hint">One sentence: how to have someone else answer.</param>
/// <param name="WebhookUrl">Where calls are placed.</param>
internal sealed record PhoneInfo(string Assistant, string? Model, string Hint, string WebhookUrl)
{
    public static PhoneInfo Describe(bool offline, RealtimeOptions realtime, PhoneLine line) => offline
        ? new("the offline assistant", null, "Set OPENAI_API_KEY in .env (see .env.example) and start again to talk with OpenAI.", line.WebhookUrl)
        : new(new Uri(realtime.Url).Host, realtime.Model, "Remove OPENAI_API_KEY and REALTIME_URL and start again to talk with the offline assistant.", line.WebhookUrl);
}
