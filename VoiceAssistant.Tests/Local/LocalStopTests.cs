using System.Diagnostics;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Tests.Local.Phone;

namespace VoiceAssistant.Tests.Local;

/// <summary>The whole system, in a process of its own, is told to stop while somebody calls from the phone's page: there is no other bridge.</summary>
[Trait("Proves", "R12")]
public sealed class LocalStopTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("")]
    public async Task Caller_HearsAGoodbye_AndTheRecordSaysWhy(string drainSeconds)
    {
        var port = LoopbackPort.Free();
        using var process = ServiceProcess.Start(
            "VoiceAssistant.Local", Path.GetTempPath(),
            new Dictionary<string, string> { ["PORT"] = $"{port}", ["TWILIO_AUTH_TOKEN"] = WebhookHost.AuthToken, ["DRAIN_SECONDS"] = drainSeconds });
        try
        {
            await process.StandardOutput.ReadUntilAsync("press Call");

            var output = process.StandardOutput.ReadToEndAsync(TestTimeout.Token);
            using var page = await CallAsync(new Uri($"http://localhost:{port}"));
            await page.ReceiveSoundAsync(TestTimeout.Token);

            using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
            var heard = await page.ReceiveAudioToEndAsync(TestTimeout.Token);
            await page.ReceiveCloseAsync(TestTimeout.Token);
            await process.WaitForExitAsync(TestTimeout.Token);

            // Its last second: on a busy machine the phone may be late with a frame before.
            var goodbye = ClipFrames.AudioOf(Clips.SorryGoodbye);
            Assert.True(heard.AsSpan().IndexOf(goodbye.AsSpan(goodbye.Length - MuLaw.SampleRate)) >= 0, "No goodbye was heard.");
            Assert.Contains("is over (stopped)", await output, StringComparison.Ordinal);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            process.Kill();
        }
    }

    // A cold process on a busy machine may apologise to its first callers: Redis does not answer in time.
    private static async Task<PageConnection> CallAsync(Uri phone)
    {
        while (true)
        {
            var page = await PageConnection.OpenAsync(phone, TestTimeout.Token);
            if (await page.TryCallAsync(TestTimeout.Token))
            {
                return page;
            }

            page.Dispose();
        }
    }
}
