using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>A response ends, and the caller has heard nothing of it.</summary>
/// <remarks>Time stands still where a test does not let it pass: all else happens at once.</remarks>
[Trait("Proves", "R31")]
public sealed class SilentResponseTests : IAsyncLifetime
{
    private const string Written = """[{"id":"item_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Violets are blue."}]}]""";
    private const string Call = """[{"id":"item_1","type":"function_call","name":"get_weather","call_id":"call_1","arguments":"{}"}]""";
    private const string Nothing = "[]";

    private readonly FakeTimeProvider _time = new();
    private TestCall _call = null!;

    private FakeTwilioStream Caller => _call.Caller;

    private FakeRealtimeSession Model => _call.Model;

    public async ValueTask InitializeAsync() => _call = await TestCall.StartAsync(_time);

    public ValueTask DisposeAsync() => _call.DisposeAsync();

    [Fact]
    public async Task WrittenAnswer_IsAskedForAloud()
    {
        await AskAsync();
        await Model.StartResponseAsync("resp_1");
        await Model.SendAsync("""{"type":"response.output_text.delta","event_id":"e","response_id":"resp_1","item_id":"item_1","delta":"Violets are blue."}""");
        await Model.EndResponseWithAsync("resp_1", Written);

        Assert.Equal(Prompts.SayAloud, (string?)(await Model.ReceiveAsync("conversation.item.create"))["item"]!["content"]![0]!["text"]);
        Assert.Equal("""{"output_modalities":["audio"]}""", (await Model.ReceiveAsync("response.create"))["response"]?.ToJsonString());
        await Model.AnswerAsync(Caller, "2", "Violets are blue.");
        var line = SilentLine();
        Assert.Contains("completed: message, output_text", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Violets", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrittenGreeting_IsAskedForAloud_AsItIsToBe()
    {
        await EndAsync("resp_1", Written);

        var response = (await Model.ReceiveAsync("response.create"))["response"]!;
        Assert.Equal("""["audio"]""", response["output_modalities"]!.ToJsonString());
        Assert.Contains("Hello", (string?)response["instructions"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryCallOfATool_IsAnsweredWithAnError_AndTheModelGoesOn()
    {
        await AskAsync();
        await EndAsync("resp_1", """
            [{"type":"function_call","name":"get_weather","call_id":"call_1","arguments":"{\"of\":\"Violets\"}"},{"type":"function_call","name":"get_time","call_id":"call_2","arguments":"{}"}]
            """);

        await ExpectToolErrorAsync("call_1");
        await ExpectToolErrorAsync("call_2");
        Assert.Null((await Model.ReceiveAsync("response.create"))["response"]);
        await Model.AnswerAsync(Caller, "2", "I cannot tell.");
        await NothingElseIsAskedAsync();
        var line = SilentLine();
        Assert.Contains("completed: function_call", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Violets", line, StringComparison.Ordinal);
    }

    [Fact, Trait("Proves", "R33")]
    public async Task CallOfATool_BesideSomethingHeard_IsAnswered_AndTheModelGoesOn_ButNotForEver()
    {
        await AskAsync();
        await SayAndEndAsync("1", Call);
        await ExpectToolErrorAsync("call_1");
        await Model.ReceiveAsync("response.create");

        await SayAndEndAsync("2", Call);
        await ExpectToolErrorAsync("call_1");
        await Caller.ExpectAsync(Clips.SayThatAgain);
        await NothingElseIsAskedAsync();
    }

    [Theory]
    [InlineData("completed", "null", Nothing, "completed: no output")]
    [InlineData("completed", "null", "null", "completed: no output")]
    [InlineData("completed", "null", """{"of":"another type"}""", "completed: no output")]
    [InlineData("completed", "null", """[{"type":"message","content":[{"type":"output_audio","transcript":"Violets are blue."}]}]""", "completed: message, output_audio")]
    [InlineData("completed", "null", """[{"type":"reasoning"},{"type":"mcp_call"},{"type":"mcp_approval_request"}]""", "completed: reasoning, mcp_call, mcp_approval_request")]
    [InlineData("completed", "null", """[null,{"type":"Violets are blue."},{"type":"function_call","arguments":"Violets"}]""", "completed: _OTHER, function_call")]
    [InlineData("incomplete", """{"type":"incomplete","reason":"max_output_tokens"}""", """[{"type":"message","content":[]}]""", "incomplete, max_output_tokens: message")]
    [InlineData("cancelled", """{"type":"cancelled","reason":"client_cancelled"}""", Nothing, "cancelled, client_cancelled: no output")]
    [InlineData("something new", "null", Nothing, "_OTHER: no output")]
    public async Task Nothing_IsAFailure_WhateverItIs(string status, string details, string output, string what)
    {
        await AskAsync();
        await EndAsync("resp_1", output, status, details);

        await Caller.ExpectAsync(Clips.OneMoment);
        Assert.Null((await Model.ReceiveAsync("response.create"))["response"]);
        await Model.AnswerAsync(Caller, "2", "Here I am.");
        Assert.Contains($"({what})", SilentLine(), StringComparison.Ordinal);
        Assert.Equal(1, _call.Server.Handshakes);
    }

    [Fact]
    public async Task Answer_IsAskedForAgain_WhoseAudioIsEmpty_ThoughItsWordsCame()
    {
        await Model.StartResponseAsync("resp_1");
        await Model.SayAsync("1", "Hello.", []);
        await Model.TranscriptDoneAsync("1", "Hello.");
        await Model.EndResponseAsync("resp_1", words: "Hello.");

        await Caller.ExpectAsync(Clips.OneMoment);
        // Still the greeting: nothing of it was heard.
        Assert.Contains("Hello", (string?)(await Model.ReceiveAsync("response.create"))["response"]?["instructions"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_IsAskedForAgain_OfWhichAllAudioCameAfterTheCallerHadSpoken()
    {
        await AskAsync();
        await Model.StartResponseAsync("resp_1");
        await Model.HearAsync("user_2", "Hm.");
        await Model.SendDeltaAsync("resp_1", "item_1", new byte[160]);
        await Model.EndResponseAsync("resp_1");

        await Caller.ExpectAsync(Clips.OneMoment);
        await Model.ReceiveAsync("response.create");
    }

    [Theory]
    [InlineData(Written, "AskForSpeech AskAgain GiveUp")]
    [InlineData(Call, "RefuseTools RefuseTools GiveUp")]
    [InlineData(Nothing, "Retry AskAgain GiveUp")]
    public async Task ThirdInARow_IsFollowedByAnApology(string output, string answers)
    {
        await AskAsync();
        foreach (var answer in answers.Split(' '))
        {
            await EndAsync("resp_1", output);
            switch (answer)
            {
                case "Retry":
                    await Caller.ExpectAsync(Clips.OneMoment);
                    await Model.ReceiveAsync("response.create");
                    break;
                case "AskAgain":
                    await Caller.ExpectAsync(Clips.SayThatAgain);
                    break;
                case "GiveUp":
                    await Caller.ExpectGoodbyeAsync();
                    break;
                default:
                    await Model.ReceiveAsync("response.create");
                    break;
            }
        }

        Assert.Equal(answers.Split(' '), Lines().Select(line => line[(line.LastIndexOf("is ", StringComparison.Ordinal) + 3)..].Trim(' ', '.')));
        Assert.Contains("nothing to hear", Assert.Single(_call.Bridge.Log.Errors), StringComparison.Ordinal);
        Assert.Equal(1, _call.Server.Handshakes);
    }

    [Fact]
    public async Task SilentGreeting_IsAskedForAgain_UntilTheThird_AsTheCallerHasSaidNothingToRepeat()
    {
        await EndAsync("resp_1", Nothing);
        await Caller.ExpectAsync(Clips.OneMoment);
        for (var retry = 1; retry <= 2; retry++)
        {
            Assert.NotNull((await Model.ReceiveAsync("response.create"))["response"]!["instructions"]);
            await EndAsync("resp_1", Nothing);
        }

        await Caller.ExpectGoodbyeAsync();
    }

    [Fact]
    public async Task HeardAnswer_StartsAnew()
    {
        for (var i = 0; i < 3; i++)
        {
            await AskAsync();
            await EndAsync("resp_silent", Call);
            await Model.ReceiveAsync("response.create");
            await EndAsync("resp_silent", Call);
            await Model.ReceiveAsync("response.create");
            await Model.AnswerAsync(Caller, $"{i}", "I cannot do that.");
        }

        Assert.Equal(1, _call.Server.Handshakes);
    }

    [Fact]
    public async Task NobodyIsTalkedOver_WhereTheCallerSpeaks()
    {
        await Model.StartResponseAsync("resp_1");
        await Model.SpeechStartedAsync();
        await Model.EndResponseWithAsync("resp_1", Call);

        // Without its output, the model would call the tool in its next response.
        await ExpectToolErrorAsync("call_1");
        await NothingElseIsAskedAsync();
        await Model.AnswerAsync(Caller, "2", "Yes?");
    }

    [Fact]
    public async Task NobodyIsTalkedOver_WhereAnotherResponseHasBegun()
    {
        await AskAsync();
        await Model.StartResponseAsync("resp_1");
        await Model.StartResponseAsync("resp_2");
        await Model.EndResponseWithAsync("resp_1", Nothing);
        await NothingElseIsAskedAsync();

        await Model.AnswerAsync(Caller, "2", "Here I am.");
        Assert.Empty(Lines());
    }

    [Fact]
    public async Task Caller_IsToldToWait_WhereAResponseGaveWayToThem_AndNoOtherFollows()
    {
        await Model.StartResponseAsync("resp_1");
        await Model.HearAsync("user_1", "Hm.");
        await Model.EndResponseWithAsync("resp_1", Nothing, "cancelled", """{"type":"cancelled","reason":"turn_detected"}""");
        await NothingElseIsAskedAsync();

        var since = _time.GetUtcNow();
        await _time.AdvanceUntilAsync(Caller.ExpectAsync(Clips.OneMoment), _call.Bridge, Caller);

        // Long before they would be asked whether they are still there.
        Assert.InRange(_time.GetUtcNow() - since, Patience.Silent, Patience.Unheard);
    }

    private Task AskAsync() => Model.HearAsync("user_1", "How are the violets?");

    private async Task EndAsync(string id, string output, string status = "completed", string details = "null")
    {
        await Model.StartResponseAsync(id);
        await Model.EndResponseWithAsync(id, output, status, details);
    }

    private async Task SayAndEndAsync(string id, string output)
    {
        await Model.StartResponseAsync($"resp_{id}");
        await Model.SayAsync(id, "Let me see.", new byte[160]);
        await Model.TranscriptDoneAsync(id, "Let me see.");
        await Model.EndResponseWithAsync($"resp_{id}", output);
        await Caller.ReturnMarkAsync((await Caller.ReceiveAudioAsync()).Mark);
    }

    private async Task ExpectToolErrorAsync(string callId)
    {
        var item = (await Model.ReceiveAsync("conversation.item.create"))["item"]!;
        Assert.Equal(("function_call_output", callId, Prompts.NoSuchTool), ((string?)item["type"], (string?)item["call_id"], (string?)item["output"]));
    }

    private async Task NothingElseIsAskedAsync()
    {
        await _call.BridgeHasHeardAsync(Model);
        Assert.Empty(await Model.ReceiveStoryAsync(Caller));
    }

    private IEnumerable<string> Lines() => _call.Bridge.Log.Lines.Where(line => line.Contains("[ResponseSilent]", StringComparison.Ordinal));

    private string SilentLine() => Assert.Single(Lines());
}
