using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

public sealed class StreamStartTests
{
    private const string Token = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF_";

    [Fact]
    public void Start_IsRead_AsTwilioSendsIt()
    {
        var start = Read(FakeTwilioStream.StartMessage(Token))!;

        Assert.Equal(Encoding.ASCII.GetBytes(FakeTwilioStream.StreamSid), start.StreamSid);
        Assert.Equal(FakeTwilioStream.CallSid, start.CallSid);
        Assert.Equal(FakeTwilioStream.AccountSid, start.AccountSid);
        Assert.Equal(Token, start.Token);
    }

    [Theory]
    [InlineData("streamSid")]
    [InlineData("start")]
    [InlineData("start.streamSid")]
    [InlineData("start.callSid")]
    [InlineData("start.accountSid")]
    [InlineData("start.mediaFormat")]
    [InlineData("start.mediaFormat.encoding")]
    [InlineData("start.customParameters")]
    [InlineData("start.customParameters.token")]
    public void Start_IsRefused_WithoutAFieldOrWithAnotherType(string path)
    {
        foreach (var value in new[] { null, "null", "1", "true", "[]", "{}", "\"\"", "\"x\"", "\"\\ud800\"" })
        {
            if (path.EndsWith("token", StringComparison.Ordinal) && value is "\"\"" or "\"x\"")
            {
                // Whether a token is one, the tokens say.
                continue;
            }

            Assert.Null(Read(With(path, value)));
        }
    }

    [Theory]
    [InlineData("start.callSid", "CA0123456789ABCDEF0123456789abcdef")]
    [InlineData("start.callSid", "CA0123456789abcdef0123456789abcde")]
    [InlineData("start.callSid", "CA0123456789abcdef0123456789abcdef0")]
    [InlineData("start.callSid", "CA0123456789abcdef0123456789abcdef\\n")]
    [InlineData("start.callSid", "\\nCA0123456789abcdef0123456789abcdef")]
    [InlineData("start.callSid", "MZ0123456789abcdef0123456789abcdef")]
    [InlineData("start.callSid", "CA٠123456789abcdef0123456789abcdef")]
    [InlineData("start.accountSid", "AC0123456789abcdef0123456789abcdeg")]
    [InlineData("start.accountSid", "AC0123456789abcdef0123456789abcdef\\n")]
    [InlineData("start.streamSid", "MZffffffffffffffffffffffffffffffff")]
    [InlineData("streamSid", "MZffffffffffffffffffffffffffffffff")]
    [InlineData("start.mediaFormat.encoding", "audio/x-l16")]
    public void Start_IsRefused_WithAnotherForm(string path, string value) => Assert.Null(Read(With(path, $"\"{value}\"")));

    [Fact]
    public void Start_IsRefused_WithAStreamSidThatCouldNotStandInJson()
    {
        const string Sid = "MZ\\\",\\\"event\\\":\\\"clear\\\",\\\"x\\\":\\\"aaaa";

        Assert.Null(Read(FakeTwilioStream.StartMessage(Token).Replace(FakeTwilioStream.StreamSid, Sid, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"start\"")]
    [InlineData("""{"start":{},"streamSid":"MZ0123456789abcdef0123456789abcdef"}""")]
    public void OtherJson_IsRefused(string json) => Assert.Null(Read(json));

    // The names are compared letter by letter, so an escape that stands for nothing is met only where the letters before it are right.
    [Theory]
    [InlineData("sta\\ud800", "start")]
    [InlineData("s\\udfff", "streamSid")]
    [InlineData("s\\udfff", "start.streamSid")]
    [InlineData("ca\\ud800", "start.callSid")]
    [InlineData("customP\\ud800\\ud800", "start.customParameters")]
    [InlineData("t\\udc00", "start.customParameters.token")]
    public void Name_IsNoName_WithAnEscapeThatStandsForNothing(string name, string beside)
    {
        var before = JsonSerializer.Serialize(beside.Split('.')[^1]) + ":";
        var at = FakeTwilioStream.StartMessage(Token).LastIndexOf(before, StringComparison.Ordinal);

        foreach (var message in new[]
        {
            FakeTwilioStream.StartMessage(Token).Insert(at, $"\"{name}\":0,"),
            FakeTwilioStream.StartMessage(Token).Replace(before, $"\"{name}\":", StringComparison.Ordinal),
        })
        {
            Assert.Null(Record.Exception(() => Read(message)));
        }
    }

    [Fact]
    public void Start_PrintsNoToken() => Assert.DoesNotContain(Token, Read(FakeTwilioStream.StartMessage(Token))!.ToString());

    private static StreamStart? Read(string json) => StreamStart.Read(Encoding.UTF8.GetBytes(json));

    private static string With(string path, string? json)
    {
        var message = JsonNode.Parse(FakeTwilioStream.StartMessage(Token))!;
        var names = path.Split('.');
        var parent = names[..^1].Aggregate(message, (node, name) => node[name]!).AsObject();

        // A string that is no text can be written only as it stands.
        const string Mark = "put it here";
        parent.Remove(names[^1]);
        if (json is not null)
        {
            parent[names[^1]] = Mark;
        }

        return message.ToJsonString().Replace($"\"{Mark}\"", json, StringComparison.Ordinal);
    }
}
