using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local;

/// <summary>The phone alone, as the AppHost starts it: what it calls has another address in public.</summary>
public sealed class PhoneSystemTests
{
    private const string PublicUrl = "https://voice.example";
    private const string AuthToken = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task TestCall_IsAnsweredAndMeasured_RoundTheTunnel()
    {
        await using var services = await LocalHost.StartAsync(("PUBLIC_URL", PublicUrl), ("TWILIO_AUTH_TOKEN", AuthToken));
        await using var phone = Phone(services.PhoneUrl, AuthToken);
        await phone.StartAsync(TestTimeout.Token);
        using var http = new HttpClient();

        // A whole call, as long as it takes to say: bounded by HttpClient's own 100 s, as for whoever asks for it.
        using var response = await http.PostAsync($"{phone.Urls.Single()}/phone/test-call", null, CancellationToken.None);

        var report = await response.Content.ReadAsStringAsync(TestTimeout.Token);
        Assert.True(response.StatusCode is HttpStatusCode.OK, report);
        Assert.Matches(@"(?m)^\| end of speech to answer \| \d+ ms \|\r?$", report);
    }

    [Fact]
    public async Task TestCall_SaysWhatWentWrong()
    {
        await using var services = await LocalHost.StartAsync(("PUBLIC_URL", PublicUrl), ("TWILIO_AUTH_TOKEN", AuthToken));
        await using var phone = Phone(services.PhoneUrl, "another");
        await phone.StartAsync(TestTimeout.Token);
        using var http = new HttpClient();

        using var response = await http.PostAsync($"{phone.Urls.Single()}/phone/test-call", null, TestTimeout.Token);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Contains("TWILIO_AUTH_TOKEN must be the server's", await response.Content.ReadAsStringAsync(TestTimeout.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TestCall_IsNotPlacedByLooking()
    {
        await using var phone = Phone(new("http://127.0.0.1:9"), AuthToken);
        await phone.StartAsync(TestTimeout.Token);
        using var http = new HttpClient();

        using var response = await http.GetAsync($"{phone.Urls.Single()}/phone/test-call", TestTimeout.Token);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("+14155550100", true)]
    public async Task Calls_AreEachFromAnotherNumber_UnlessOnlySomeMayCall(string allowed, bool expected)
    {
        await using var phone = Phone(new("http://127.0.0.1:9"), AuthToken, allowed);

        var first = phone.Services.GetRequiredService<PhoneLine>().From;
        var second = phone.Services.GetRequiredService<PhoneLine>().From;

        Assert.Equal(expected, first == second);
        Assert.Matches(@"^\+1\d{10}$", second);
    }

    private static WebApplication Phone(Uri services, string authToken, string allowed = "") => PhoneSystem.Create(
        services, services, isOffline: true,
        [
            new("PUBLIC_URL", PublicUrl), new("TWILIO_AUTH_TOKEN", authToken), new("TWILIO_ACCOUNT_SID", ""), new("ALLOWED_NUMBERS", allowed),
            new("URLS", "http://127.0.0.1:0"),
        ]);
}
