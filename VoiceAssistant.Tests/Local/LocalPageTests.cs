using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Tests.Local.Phone;

namespace VoiceAssistant.Tests.Local;

public sealed class LocalPageTests(Chromium chromium) : IClassFixture<Chromium>
{
    [Fact]
    public async Task Caller_IsGreetedInterruptsAndIsAnswered_OnThePage()
    {
        await using var host = await LocalHost.StartAsync();
        await using var page = await chromium.OpenAsync(host.PhoneUrl);

        await page.CallAsync();
        await page.ExpectAudioAsync();
        await page.ExpectMicrophoneAsync();

        await page.ExpectMeasuredAsync("#interruption");
        await page.ExpectMeasuredAsync("#answer");

        await page.HangUpAsync();
        Assert.Empty(page.Errors);
    }
}
