using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Relay;

namespace VoiceAssistant.Tests.MediaBridge.Relay;

public sealed class TranscriptTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Transcript _transcript;

    public TranscriptTests() => _transcript = new Transcript(_time);

    [Fact]
    public void Words_StandWhereTheyWereSaid_HoweverLateTheyCome()
    {
        _transcript.AssistantSaid("a1", "Hello.");
        _transcript.CallerSpoke("c1");
        _transcript.AssistantSays("a2", "One mo");
        _transcript.AssistantSays("a2", "ment.");
        _transcript.CallerSpoke("c2");
        _transcript.Note("A key.");
        _transcript.CallerSaid("c2", "Thanks.");
        _transcript.CallerSaid("c1", "Hi.");
        _transcript.CallerSaid("unknown", "Boo.");

        Assert.Equal("Assistant Hello.|Caller Hi.|Assistant One moment.|Caller Thanks.|System A key.", All());
    }

    [Fact]
    public void Assistant_HasSaid_WhatWasHeard()
    {
        _transcript.AssistantSays("a1", "One two three four five");
        _transcript.AssistantWasHeard("a1", 0.6);
        _transcript.AssistantSays("a1", " six");
        _transcript.AssistantSaid("a1", "One two three four five six");
        _transcript.AssistantWasHeard("a2", 0);
        _transcript.AssistantSaid("a2", "Never heard.");

        Assert.Equal("Assistant One two three", All());
    }

    [Fact]
    public void Assistant_HasSaid_UpToNow_WhatWasHeardUpToNow()
    {
        _transcript.AssistantSaid("a1", "Hello there.");
        _transcript.AssistantSaid("a2", "How are you?");

        Assert.Equal("Assistant Hello there.|Assistant How", string.Join('|', Say(_transcript.Turns(item => item is "a1" ? 1 : 0.4))));
    }

    [Theory]
    [InlineData("one two", 1, "one two")]
    [InlineData("one two", 0.99, "one")]
    [InlineData("one two", 0.43, "one")]
    [InlineData("one two", 0.42, "")]
    [InlineData("one two", 0, "")]
    [InlineData("one two", 7, "one two")]
    [InlineData("one two", -1, "")]
    [InlineData("", 0.5, "")]
    [InlineData("今日は良い天気", 0.5, "今日は")]
    [InlineData("😀😀", 0.3, "")]
    [InlineData("😀😀", 0.8, "😀")]
    public void Text_IsCut_AtAWord(string text, double share, string expected) => Assert.Equal(expected, Transcript.CutAtWord(text, share));

    [Fact]
    public void Beginning_IsForgotten_OfALongCall()
    {
        for (var i = 0; i < 50; i++)
        {
            _transcript.AssistantSaid($"a{i}", $"{i}");
        }

        Assert.Equal(Enumerable.Range(30, 20).Select(i => $"Assistant {i}"), Say(_transcript.Turns(_ => 1)));
    }

    [Fact]
    public void Turns_AreBounded_InLength()
    {
        for (var i = 0; i < 10; i++)
        {
            _transcript.AssistantSays($"a{i}", new string('x', 3000));
            _transcript.AssistantSays($"a{i}", new string('y', 20_000));
        }

        Assert.InRange(_transcript.Turns(_ => 1).Sum(turn => turn.Text.Length), 1, 8000);
    }

    [Fact]
    public void Words_AreAwaited_ForFiveSeconds()
    {
        _transcript.CallerSpoke("c1");
        Assert.True(_transcript.AwaitsWords);
        Assert.True(_transcript.LacksLastWords);

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(_transcript.AwaitsWords);
        Assert.True(_transcript.LacksLastWords);

        _transcript.CallerSaid("c1", "Hi.");
        Assert.False(_transcript.LacksLastWords);
    }

    [Fact]
    public void Change_IsTold_WhenATurnIsKnown()
    {
        var changes = 0;
        _transcript.Changed += () => changes++;

        _transcript.AssistantSays("a1", "Hel");
        Assert.Equal(0, changes);
        _transcript.AssistantSaid("a1", "Hello.");
        _transcript.CallerSpoke("c1");
        _transcript.CallerSaid("c1", "Hi.");
        _transcript.Note("A key.");

        Assert.Equal(3, changes);
    }

    [Fact]
    public void Snapshot_SurvivesAsJson_AndPrintsNothing()
    {
        var snapshot = new ConversationSnapshot([new(Speaker.Caller, "My name is Ann."), new(Speaker.Assistant, "Hello Ann.")], OpenTurn.Answer);

        var json = JsonSerializer.Serialize(snapshot, SnapshotJson.Default.ConversationSnapshot);
        var again = JsonSerializer.Deserialize(json, SnapshotJson.Default.ConversationSnapshot)!;

        Assert.Equal(snapshot.Turns, again.Turns);
        Assert.Equal(OpenTurn.Answer, again.Open);
        Assert.DoesNotContain("Ann", $"{snapshot} {snapshot.Turns[0]}", StringComparison.Ordinal);
    }

    private string All() => string.Join('|', Say(_transcript.Turns(_ => 1)));

    private static IEnumerable<string> Say(IEnumerable<Turn> turns) => turns.Select(turn => $"{turn.Speaker} {turn.Text}");
}
