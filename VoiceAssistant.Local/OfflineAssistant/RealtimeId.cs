using System.Security.Cryptography;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>Identifiers in OpenAI's shape: <c>item_C9G5QPteg4UIbotdKLoYQ</c>.</summary>
internal static class RealtimeId
{
    public static string New(string kind) =>
        $"{kind}_{RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 21)}";
}
