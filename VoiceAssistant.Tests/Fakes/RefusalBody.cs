using System.Net;
using System.Text.Json.Nodes;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>The bodies that strangers get with a refusal: one for each status, whatever the reason.</summary>
internal static class RefusalBody
{
    private const string Rfc = "https://tools.ietf.org/html/rfc9110#section-15.";

    private static readonly Dictionary<HttpStatusCode, string> Bodies = new()
    {
        [HttpStatusCode.Forbidden] = $$"""{"type":"{{Rfc}}5.4","title":"Forbidden","status":403}""",
        [HttpStatusCode.NotFound] = $$"""{"type":"{{Rfc}}5.5","title":"Not Found","status":404}""",
        [HttpStatusCode.MethodNotAllowed] = $$"""{"type":"{{Rfc}}5.6","title":"Method Not Allowed","status":405}""",
        [HttpStatusCode.RequestEntityTooLarge] = $$"""{"type":"{{Rfc}}5.14","title":"Content Too Large","status":413}""",
        [HttpStatusCode.UpgradeRequired] = $$"""{"type":"{{Rfc}}5.22","title":"Upgrade Required","status":426}""",
        [HttpStatusCode.TooManyRequests] = """{"title":"Too Many Requests","status":429}""",
        [HttpStatusCode.InternalServerError] = $$"""{"type":"{{Rfc}}6.1","title":"An error occurred while processing your request.","status":500}""",
        [HttpStatusCode.ServiceUnavailable] = $$"""{"type":"{{Rfc}}6.4","title":"Service Unavailable","status":503}""",
    };

    public static string Of(HttpStatusCode status) => Bodies[status];

    /// <summary>That the answer tells its status, and nothing else.</summary>
    public static async Task AssertSaysNothingElseAsync(HttpResponseMessage response)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(Of(response.StatusCode), await response.Content.ReadAsStringAsync(TestTimeout.Token));
    }

    /// <returns>Why, where the answer says so; all else of it is as everywhere.</returns>
    public static async Task<string?> ReadReasonAsync(HttpResponseMessage response)
    {
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestTimeout.Token))!.AsObject();
        problem.Remove("detail", out var reason);
        Assert.Equal(Of(response.StatusCode), problem.ToJsonString());
        return (string?)reason;
    }
}
