using System.Diagnostics.Metrics;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Meters of one test's own, told from those of others by their scope.</summary>
internal sealed class TestMeters : IMeterFactory
{
    public Meter Create(MeterOptions options)
    {
        options.Scope = this;
        return new Meter(options);
    }

    public void Dispose()
    {
    }
}
