namespace VoiceAssistant.Local.Phone;

/// <summary>What the page tells its user about the other end.</summary>
/// <param name="Assistant">Who answers.</param>
/// <param name="Model">The model's name; null for an assistant without one.</param>
/// <param name="Hint">One sentence: how to have someone else answer.</param>
/// <param name="WebhookUrl">Where calls are placed.</param>
internal sealed record PhoneInfo(string Assistant, string? Model, string Hint, string WebhookUrl);
