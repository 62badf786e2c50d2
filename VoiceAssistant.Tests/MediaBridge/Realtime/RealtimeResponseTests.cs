using System.Text;
using System.Text.Json;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Tests.MediaBridge.Realtime;

public sealed class RealtimeResponseTests
{
    [Theory]
    [InlineData("""{"response":{"id":"r","status":"completed","status_details":null,"usage":{"total_tokens":1}}}""", "r", "completed", null)]
    [InlineData("""{"response":{"id":"r","status":"cancelled","status_details":{"type":"cancelled","reason":"turn_detected"}}}""", "r", "cancelled", null)]
    [InlineData("""{"response":{"status":"failed","id":"r","status_details":{"type":"failed","error":{"type":"server_error","code":null}}}}""", "r", "failed", "server_error")]
    [InlineData("""{"response":{"id":"r","status":"failed","status_details":{"error":{"type":"t","code":"insufficient_quota"}}},"type":"response.done"}""", "r", "failed", "insufficient_quota")]
    [InlineData("""{"response":{}}""", null, null, null)]
    public void Response_IsRead(string json, string? id, string? status, string? errorCode)
    {
        var response = RealtimeResponse.Read(Encoding.UTF8.GetBytes(json))!;

        Assert.Equal((id, status, errorCode), (response.Id, response.Status, response.ErrorCode));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"response":null}""")]
    [InlineData("null")]
    public void Response_IsNone_WhereThereIsNone(string json) => Assert.Null(RealtimeResponse.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("""{"response":[]}""")]
    [InlineData("""{"response":{"id":7}}""")]
    [InlineData("""{"response":{"status":{}}}""")]
    [InlineData("""{"response":{"id":"\ud800"}}""")]
    [InlineData("")]
    public void Response_IsRefused_WithOtherTypes(string json) =>
        Assert.ThrowsAny<JsonException>(() => RealtimeResponse.Read(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Error_IsRead_WithoutItsMessage()
    {
        var error = RealtimeError.Read(
            """{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"invalid_value","message":"secret","param":"session.voice","event_id":"session"}}"""u8)!;

        Assert.Equal(new RealtimeError("invalid_request_error", "invalid_value", "session.voice", "session"), error);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("insufficient_quota", true)]
    [InlineData("invalid_api_key", true)]
    [InlineData("account_deactivated", true)]
    [InlineData("billing_hard_limit_reached", true)]
    [InlineData("session_expired", false)]
    [InlineData("beta_api_shape_disabled", true)]
    [InlineData("response_cancel_not_active", false)]
    [InlineData("conversation_already_has_active_response", false)]
    [InlineData("invalid_value", false)]
    [InlineData("rate_limit_exceeded", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Error_IsFatal_WhereEveryRequestWillMeetIt(string? code, bool expected) => Assert.Equal(expected, RealtimeError.IsFatal(code));
}
