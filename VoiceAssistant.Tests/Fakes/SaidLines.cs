namespace VoiceAssistant.Tests.Fakes;

/// <summary>What a process says, line by line.</summary>
internal static class SaidLines
{
    /// <summary>Reads up to a line that has this text, and fails where the process ends without one.</summary>
    public static async Task ReadUntilAsync(this StreamReader said, string text)
    {
        while (!Assert.IsType<string>(await said.ReadLineAsync(TestTimeout.Token)).Contains(text, StringComparison.Ordinal))
        {
        }
    }
}
