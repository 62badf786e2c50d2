using System.Diagnostics.Metrics;
using VoiceAssistant.Calls.Tokens;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Meters of one test's own, told from those of others by their scope.</summary>
internal sealed class TestMeters : IMeterFactory
{
    /// <summary>For whoever must be given them, in a test that does not look at them.</summary>
    public static TokenMetrics Tokens => new(new TestMeters());

    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        return new Meter(options);
    }

    public void Dispose()
    {
    }
}
