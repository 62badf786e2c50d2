using VoiceAssistant.MediaBridge.Relay;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

/// <summary>An answer ends in the middle of a sentence.</summary>
[Trait("Proves", "R33")]
public sealed class UnfinishedAnswerTests : IAsyncLifetime
{
    private const string TooLong = "max_output_tokens";

    private TestCall _call = null!;

    public async ValueTask InitializeAsync() => _call = await TestCall.StartAsync();

    public ValueTask DisposeAsync() => _call.DisposeAsync();

    [Theory]
    [InlineData(TooLong, Prompts.AnswerWasCut)]
    [InlineData("content_filter", Prompts.AnswerWasFiltered)]
    public async Task Model_IsAskedToGoOn_WithThat(string reason, string prompt)
    {
        await CutAsync("1", reason);

        await ExpectPromptAsync(prompt);
        await _call.Model.AnswerAsync(_call.Caller, "2", "the end.");
        Assert.Contains($"(incomplete, {reason}: ", Assert.Single(Lines()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_IsAskedOnce_AndThenTheCaller_AndOnceMoreInTheNextAnswer()
    {
        for (var answer = 0; answer < 2; answer++)
        {
            await _call.Model.HearAsync($"user_{answer}", "Tell me all.");
            await CutAsync($"{answer}_1", TooLong);
            await ExpectPromptAsync(Prompts.AnswerWasCut);
            await CutAsync($"{answer}_2", TooLong);
            await _call.Caller.ExpectAsync(Clips.SayThatAgain);
            await _call.BridgeHasReadEverythingAsync();
        }

        Assert.Equal(1, _call.Server.Handshakes);
    }

    [Fact]
    public async Task RestOfIt_IsOwed_WhereTheSessionIsLost()
    {
        await _call.Model.HearAsync("user_1", "Tell me all.");
        await CutAsync("1", TooLong);
        await ExpectPromptAsync(Prompts.AnswerWasCut);
        _call.Model.Abort();

        Assert.Contains($"system: {Prompts.GoOn(OpenTurn.RestOfAnswer)}", await (await _call.Server.AcceptNextAsync()).ReceiveStoryAsync(_call.Caller));
    }

    [Fact]
    public async Task NothingIsAsked_WhereTheCallerSpeaks()
    {
        await _call.Model.StartResponseAsync("resp_1");
        await _call.Model.SendDeltaAsync("resp_1", "item_1", new byte[160]);
        await _call.Model.SpeechStartedAsync();
        await EndAsync("resp_1", TooLong);
        await _call.BridgeHasHeardAsync(_call.Model);

        await _call.BridgeHasReadEverythingAsync();
        Assert.Empty(Lines());
    }

    private async Task CutAsync(string id, string reason)
    {
        await _call.Model.StartResponseAsync($"resp_{id}");
        await _call.Model.SayAsync(id, "Once upon a", new byte[160]);
        await _call.Model.TranscriptDoneAsync(id, "Once upon a");
        await EndAsync($"resp_{id}", reason);
        await _call.Caller.ReturnMarkAsync((await _call.Caller.ReceiveAudioAsync()).Mark);
    }

    private Task EndAsync(string responseId, string reason) => _call.Model.EndResponseWithAsync(
        responseId, """[{"type":"message","status":"incomplete","content":[{"type":"output_audio","transcript":"Once upon a"}]}]""", "incomplete",
        $$"""{"type":"incomplete","reason":"{{reason}}"}""");

    private async Task ExpectPromptAsync(string prompt)
    {
        Assert.Equal(prompt, (string?)(await _call.Model.ReceiveAsync("conversation.item.create"))["item"]!["content"]![0]!["text"]);
        Assert.Null((await _call.Model.ReceiveAsync("response.create"))["response"]);
    }

    private IEnumerable<string> Lines() => _call.Bridge.Log.Lines.Where(line => line.Contains("[ResponseUnfinished]", StringComparison.Ordinal));
}
