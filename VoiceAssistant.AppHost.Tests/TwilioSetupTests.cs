using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.AppHost.Tests;

public sealed class TwilioSetupTests
{
    private const string Here = "https://here.trycloudflare.com/incoming-call";
    private const string Before = "https://voice.example/incoming-call";

    private readonly FakeTwilio _twilio = new();

    [Fact]
    public async Task Function_IsPointedHere_AndBack()
    {
        _twilio.Variables["dev"] = Before;
        _twilio.Numbers["+15550100002"] = "https://voice-assistant-1234-dev.twil.io/incoming-call";
        var setup = Setup();

        var result = await setup.PointAsync(Here, TestTimeout.Token);

        Assert.True(result.Success, result.Message);
        Assert.Equal(Here, _twilio.Variables["dev"]);
        Assert.Contains($"| before | {Before} |", result.Data!.Value, StringComparison.Ordinal);
        Assert.Contains($"| after | {Here} |", result.Data.Value, StringComparison.Ordinal);
        Assert.False(setup.IsDirect);

        await setup.UndoAsync(TestTimeout.Token);

        Assert.Equal(Before, _twilio.Variables["dev"]);
        Assert.False(setup.CanUndo);
    }

    [Theory]
    [InlineData(Before)]
    [InlineData("")]
    public async Task Number_IsPointedHere_AndBack_WithoutAFunction(string before)
    {
        _twilio.Numbers["+15550100002"] = before;
        var setup = Setup();

        Assert.True((await setup.PointAsync(Here, TestTimeout.Token)).Success);
        Assert.Equal(Here, _twilio.Numbers["+15550100002"]);

        Assert.True((await setup.UndoAsync(TestTimeout.Token)).Success);
        Assert.Equal(before, _twilio.Numbers["+15550100002"]);
    }

    [Fact]
    public async Task Webhook_AsksForNoTime_BehindTheNumberItself()
    {
        _twilio.Numbers["+15550100002"] = Before;
        var setup = Setup();

        Assert.DoesNotContain("REQUIRE_FORWARDED_AT", Environment(setup));
        await setup.PointAsync(Here, TestTimeout.Token);

        Assert.Equal("false", Environment(setup)["REQUIRE_FORWARDED_AT"]);

        await setup.UndoAsync(TestTimeout.Token);

        Assert.DoesNotContain("REQUIRE_FORWARDED_AT", Environment(setup));
    }

    [Fact]
    public async Task Undo_RestoresTheFirst_AfterPointingTwice()
    {
        _twilio.Variables["dev"] = Before;
        var setup = Setup();

        await setup.PointAsync("https://first.trycloudflare.com/incoming-call", TestTimeout.Token);
        await setup.PointAsync(Here, TestTimeout.Token);
        await setup.UndoAsync(TestTimeout.Token);

        Assert.Equal(Before, _twilio.Variables["dev"]);
    }

    [Fact]
    public async Task Number_IsTheOneThatIsNamed_AmongSeveral()
    {
        _twilio.Numbers["+15550100002"] = Before;
        _twilio.Numbers["+15550100003"] = Before;

        var unnamed = await Setup().PointAsync(Here, TestTimeout.Token);
        Assert.Equal("The account has no Function service voice-assistant and several numbers; name one in TWILIO_PHONE_NUMBER.", unnamed.Message);

        Assert.True((await Setup(number: "+15550100003").PointAsync(Here, TestTimeout.Token)).Success);
        Assert.Equal([Before, Here], _twilio.Numbers.Values);
    }

    [Fact]
    public async Task Fault_IsASentence()
    {
        Assert.Equal(
            "TWILIO_ACCOUNT_SID is not set; put it and TWILIO_AUTH_TOKEN, both from the Twilio console, into .env and start again.",
            (await Setup(account: "").PointAsync(Here, TestTimeout.Token)).Message);

        Assert.Equal(
            "The account has neither a Function service voice-assistant nor a phone number.",
            (await Setup().PointAsync(Here, TestTimeout.Token)).Message);

        _twilio.Variables["dev"] = Before;
        _twilio.Variables["production"] = Before;
        Assert.StartsWith(
            "The Function service voice-assistant has WEBHOOK_URL in several environments (dev, production)",
            (await Setup().PointAsync(Here, TestTimeout.Token)).Message,
            StringComparison.Ordinal);

        _twilio.Refusal = HttpStatusCode.Unauthorized;
        Assert.Equal("Twilio answered 401: Authenticate", (await Setup().PointAsync(Here, TestTimeout.Token)).Message);
    }

    private TwilioSetup Setup(string account = "AC00000000000000000000000000000001", string number = "")
    {
        var builder = DistributedApplication.CreateBuilder();
        return new TwilioSetup(
            Setting("TWILIO_ACCOUNT_SID", account), Setting("TWILIO_AUTH_TOKEN", "token, older"), Setting("TWILIO_PHONE_NUMBER", number), Setting("REQUIRE_FORWARDED_AT", ""))
        {
            Connect = _twilio.Connect,
        };

        Setting Setting(string name, string value) => new(name, builder.AddParameter(name.ToLowerInvariant().Replace('_', '-'), value), value);
    }

    private static Dictionary<string, object> Environment(TwilioSetup setup)
    {
        var context = new EnvironmentCallbackContext(new DistributedApplicationExecutionContext(DistributedApplicationOperation.Run));
        setup.RelaxWhereDirect(context);
        return context.EnvironmentVariables;
    }
}
