namespace VoiceAssistant.Tests.Fakes;

/// <summary>The one bound of every wait in a test: generous, because the machine may be busy, and reached only by a fault.</summary>
internal static class TestTimeout
{
    public static readonly TimeSpan Value = TimeSpan.FromSeconds(60);

    /// <summary>A token that is cancelled when the bound is reached.</summary>
    public static CancellationToken Token => new CancellationTokenSource(Value).Token;
}
