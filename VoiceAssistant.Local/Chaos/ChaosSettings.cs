namespace VoiceAssistant.Local.Chaos;

/// <param name="Length">How long there are calls.</param>
/// <param name="Calls">At once.</param>
/// <param name="Bridges">At once, but for those that are being replaced.</param>
/// <param name="Seed">Decides all that is drawn.</param>
internal sealed record ChaosSettings(TimeSpan Length, int Calls, int Bridges, int Seed);
