using System.Text.Json.Nodes;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>When the caller's turn begins and ends, and what follows.</summary>
internal sealed record TurnDetection(double Threshold, int PrefixPaddingMs, int SilenceDurationMs, bool CreateResponse, bool InterruptResponse)
{
    /// <summary>How many times louder than the line's own noise a voice must be: 6 to 18 dB.</summary>
    public double OverNoise => FromDecibels(6 + (12 * Threshold));

    /// <summary>The power, relative to full scale, below which nothing is a voice, however quiet the line: -50 to -30 dB.</summary>
    public double LeastPower => FromDecibels(-50 + (20 * Threshold));

    /// <param name="detection">A validated <c>turn_detection</c> with every field of its type; null leaves turns to the client.</param>
    public static TurnDetection? Read(JsonNode? detection)
    {
        if (detection is null)
        {
            return null;
        }

        var createResponse = (bool)detection["create_response"]!;
        var interruptResponse = (bool)detection["interrupt_response"]!;
        if ((string)detection["type"]! == "server_vad")
        {
            return new((double)detection["threshold"]!, (int)detection["prefix_padding_ms"]!, (int)detection["silence_duration_ms"]!,
                createResponse, interruptResponse);
        }

        // Nothing here understands words: an eager listener waits for a shorter silence, which is what a caller would notice.
        var silence = (string)detection["eagerness"]! switch { "high" => 500, "low" => 1200, _ => 800 };
        return new(0.5, 300, silence, createResponse, interruptResponse);
    }

    private static double FromDecibels(double decibels) => Math.Pow(10, decibels / 10);
}
