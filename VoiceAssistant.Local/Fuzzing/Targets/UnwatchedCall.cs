using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using VoiceAssistant.MediaBridge.Realtime;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>What a call tells of itself, with nobody there to listen; the instruments are one process's, not one call's.</summary>
internal static class UnwatchedCall
{
    private static readonly IMeterFactory Meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();

    private static readonly CallMetrics Metrics = new(Meters);

    public static RealtimeMetrics Model { get; } = new(Meters, Options.Create(new RealtimeOptions()));

    public static CallTrace Begin() => new(TwilioSeeds.Stream.CallSid, parent: default, Metrics, Model, TimeProvider.System);
}
