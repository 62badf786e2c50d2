using System.Text;
using Microsoft.AspNetCore.Http;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Tests.Webhook.Signatures;

public sealed class TwilioFormTests
{
    private const string UrlEncoded = "application/x-www-form-urlencoded";

    [Theory]
    [InlineData("", "")]
    [InlineData("A=1", "A|1")]
    [InlineData("B=2&A=1", "B|2,A|1")]
    [InlineData("A=1&a=2&A=1", "A|1,a|2,A|1")]
    [InlineData("A=&B=", "A|,B|")]
    [InlineData("A=b=c", "A|b=c")]
    [InlineData("From=%2B1415+%20x", "From|+1415  x")]
    [InlineData("A=+trailing+", "A| trailing ")]
    [InlineData("N=%C3%91and%C3%BA", "N|Ñandú")]
    [InlineData("A=%26%3D%25", "A|&=%")]
    [InlineData("A%42=1", "AB|1")]
    public async Task Fields_AreRead_AsTheyCame(string body, string expected)
    {
        var form = await ReadAsync(UrlEncoded, body);

        Assert.Equal(expected, string.Join(',', form!.Fields.Select(field => $"{field.Key}|{field.Value}")));
    }

    [Theory]
    [InlineData(UrlEncoded, true)]
    [InlineData("application/x-www-form-urlencoded; charset=UTF-8", true)]
    [InlineData("Application/X-WWW-Form-Urlencoded", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("text/plain", false)]
    [InlineData("application/json", false)]
    [InlineData("multipart/form-data; boundary=x", false)]
    [InlineData("Multipart/Form-Data; boundary=x", false)]
    public async Task Body_IsAForm_OnlyWhereItSaysSo(string? contentType, bool isForm) =>
        Assert.Equal(isForm, await ReadAsync(contentType, "A=1") is not null);

    [Fact]
    public async Task Form_HasLimits()
    {
        Assert.Equal(64, (await ReadAsync(UrlEncoded, string.Join('&', Enumerable.Range(0, 64).Select(n => $"A{n}=1"))))?.Fields.Count);
        Assert.Null(await ReadAsync(UrlEncoded, string.Join('&', Enumerable.Range(0, 65).Select(n => $"A{n}=1"))));
        Assert.NotNull(await ReadAsync(UrlEncoded, new string('a', 64) + "=1"));
        Assert.Null(await ReadAsync(UrlEncoded, new string('a', 65) + "=1"));
        Assert.NotNull(await ReadAsync(UrlEncoded, "a=" + new string('1', 4096)));
        Assert.Null(await ReadAsync(UrlEncoded, "a=" + new string('1', 4097)));
    }

    [Theory]
    [InlineData("A=1", "1")]
    [InlineData("B=2&A=1", "1")]
    [InlineData("A=", "")]
    [InlineData("B=2", null)]
    [InlineData("a=1", null)]
    [InlineData("A=1&A=1", null)]
    [InlineData("A=1&a=1", null)]
    [InlineData("a=1&A=1", null)]
    public async Task Single_IsTheOnlyOne_InAnyCase(string body, string? expected) =>
        Assert.Equal(expected, (await ReadAsync(UrlEncoded, body))!.Single("A"));

    private static Task<TwilioForm?> ReadAsync(string? contentType, string body)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = contentType;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return TwilioForm.ReadAsync(context.Request, TestTimeout.Token);
    }
}
