using System.Diagnostics;
using VoiceAssistant.Local;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>The page does not depend on a server that stands still, as one does that a debugger holds.</summary>
public sealed class FrozenServerTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Page_HangsUp_WithoutTheServersConfirmation()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "SIGSTOP is Unix's.");
        var port = LoopbackPort.Free();
        using var server = ServiceProcess.Start(
            "VoiceAssistant.Local", Path.GetTempPath(), new Dictionary<string, string> { ["PORT"] = $"{port}", ["TWILIO_AUTH_TOKEN"] = WebhookHost.AuthToken });
        try
        {
            await server.StandardOutput.ReadUntilAsync("press Call");

            await using var page = await chromium.OpenAsync(new($"http://localhost:{port}"));
            await page.CallAsync();

            using var stop = Process.Start("kill", ["-STOP", $"{server.Id}"]);
            await stop.WaitForExitAsync(TestTimeout.Token);
            await page.PressAsync("Escape");
            await page.ExpectTextAsync("#detail", "You hung up; the server did not confirm it.");
            await page.ExpectStateAsync("Call ended");

            await page.PressAsync("Enter");
            await page.ExpectStateAsync("Dialling…");
            await page.PressAsync("Escape");
            await page.ExpectTextAsync("#detail", "You hung up.");
            await page.ExpectStateAsync("Call ended");
        }
        finally
        {
            server.Kill();
        }
    }
}
