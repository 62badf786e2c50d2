using System.Text;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>Events of conversations, with audio: the documents' examples have a placeholder for it.</summary>
internal static class RealtimeSeeds
{
    private static readonly string Audio = Convert.ToBase64String([.. Enumerable.Range(0, 800).Select(value => (byte)value)]);

    /// <summary>An answer, and one that the caller interrupts.</summary>
    public static readonly string[] Interrupted =
    [
        """{"type":"session.created","event_id":"e1","session":{"type":"realtime","id":"sess_1"}}""",
        """{"type":"session.updated","event_id":"e2","session":{"type":"realtime","id":"sess_1"}}""",
        Created("resp_1"), Delta("resp_1", "item_1"), Delta("resp_1", "item_1"), Done("resp_1", "completed", "null"),
        Created("resp_2"), Delta("resp_2", "item_2"),
        """{"type":"input_audio_buffer.speech_started","event_id":"e","audio_start_ms":1000,"item_id":"item_user"}""",
        Delta("resp_2", "item_2"), Delta("resp_2", "item_3"), Done("resp_2", "cancelled", """{"type":"cancelled","reason":"turn_detected"}"""),
    ];

    /// <summary>Responses that fail, and errors.</summary>
    public static readonly string[] Failing =
    [
        """{"type":"session.updated","event_id":"e2","session":{"type":"realtime","id":"sess_1"}}""",
        Created("resp_1"), Done("resp_1", "failed", """{"type":"failed","error":{"type":"server_error","code":"inference_rate_limit_exceeded"}}"""),
        Created("resp_2"), Done("resp_2", "incomplete", """{"type":"incomplete","reason":"max_output_tokens"}"""),
        """{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"invalid_value","message":"…","param":"session.audio.output.voice","event_id":"truncate"}}""",
        Created("resp_3"), Delta("resp_3", "item_3"), Done("resp_3", "failed", """{"type":"failed","error":{"type":"insufficient_quota","code":"insufficient_quota"}}"""),
    ];

    /// <summary>Settings that are refused.</summary>
    public static readonly string[] Refused =
    [
        """{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"invalid_value","message":"Invalid value: 'nova'. Supported values are: 'alloy', 'ash', and 'cedar'.","param":"session.audio.output.voice","event_id":"session"}}""",
        """{"type":"error","event_id":"e","error":{"type":"invalid_request_error","code":"unknown_parameter","message":"Unknown parameter: 'session.max_output_tokens'.","param":null,"event_id":"session"}}""",
    ];

    /// <summary>Responses that end without sound, or in mid-sentence.</summary>
    public static readonly string[] Silent =
    [
        """{"type":"session.updated","event_id":"e2","session":{"type":"realtime","id":"sess_1"}}""",
        Created("resp_1"), Done("resp_1", "completed", "null", """[{"type":"message","content":[{"type":"output_text","text":"Hello"}]}]"""),
        Created("resp_2"), Done("resp_2", "completed", "null", """[{"type":"function_call","name":"get_time","call_id":"call_1","arguments":"{}"}]"""),
        Created("resp_3"), Delta("resp_3", "item_3"), Done("resp_3", "incomplete", """{"type":"incomplete","reason":"content_filter"}"""),
        """{"type":"response.audio.delta","event_id":"e","response_id":"resp_4","item_id":"item_4","delta":"fn8A"}""",
        Created("resp_4"), Done("resp_4", "completed", "null"),
    ];

    public static readonly IReadOnlyList<byte[]> Events = [.. Interrupted.Concat(Failing).Concat(Refused).Concat(Silent).Distinct().Select(Encoding.UTF8.GetBytes)];

    private static string Created(string response) =>
        $$$"""{"type":"response.created","event_id":"e","response":{"object":"realtime.response","id":"{{{response}}}","status":"in_progress"}}""";

    private static string Done(string response, string status, string details, string output = "[]") =>
        $$$"""{"type":"response.done","event_id":"e","response":{"object":"realtime.response","id":"{{{response}}}","status":"{{{status}}}","status_details":{{{details}}},"output":{{{output}}}}}""";

    private static string Delta(string response, string item) =>
        $$$"""{"type":"response.output_audio.delta","event_id":"e","response_id":"{{{response}}}","item_id":"{{{item}}}","output_index":0,"content_index":0,"delta":"{{{Audio}}}"}""";
}
