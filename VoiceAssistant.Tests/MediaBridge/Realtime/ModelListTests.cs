using System.Text;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

public sealed class ModelListTests
{
    [Theory]
    [InlineData("\"2027-01-20\"", "2027-01-20")]
    [InlineData("\"2027-01-20T00:00:00Z\"", "2027-01-20")]
    [InlineData("\"2027-01-19T23:00:00.000-02:00\"", null)]
    [InlineData("\"2027-01-19T23:00:00-02:00\"", "2027-01-20")]
    [InlineData("1800403200", "2027-01-20")]
    [InlineData("null", null)]
    [InlineData("0", null)]
    [InlineData("-5", null)]
    [InlineData("1e300", null)]
    [InlineData("99999999999999999", null)]
    [InlineData("\"\"", null)]
    [InlineData("\"10:00\"", null)]
    [InlineData("\"next year\"", null)]
    [InlineData("\"2027-02-30\"", null)]
    [InlineData("{}", null)]
    [InlineData("true", null)]
    public void End_IsADate_InWhateverFormItCanBeRead(string json, string? expected)
    {
        var list = Read($$"""{"object":"list","data":[{"id":"gpt-realtime","object":"model","shutdown_date":{{json}}}]}""");

        Assert.True(list.Has("gpt-realtime"));
        Assert.Equal(expected is null ? null : DateOnly.Parse(expected, null), list.EndOf("gpt-realtime"));
    }

    [Fact]
    public void Models_AreListed_BesideWhatReadsOtherwise()
    {
        var list = Read("""{"data":[7,null,{},{"id":5},{"id":"a"},["b"],{"id":"c","shutdown_date":"2027-01-20"}],"more":{"id":"d"}}""");

        Assert.Equal((true, false, true, false), (list.Has("a"), list.Has("b"), list.Has("c"), list.Has("d")));
        Assert.Null(list.EndOf("a"));
        Assert.Null(list.EndOf("b"));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("""{"data":{"id":"a"}}""")]
    [InlineData("""{"data":[]}""")]
    public void List_IsEmpty_WhereItReadsOtherwise(string json) => Assert.True(Read(json).IsEmpty);

    private static ModelList Read(string json) => ModelList.Read(Encoding.UTF8.GetBytes(json));
}
