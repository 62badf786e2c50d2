using System.Text.Json;
using static VoiceAssistant.Local.OfflineAssistant.Fields;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The fields of the GA interface's <c>session</c>, and those that <c>response</c> shares with it. There is no temperature.</summary>
internal static class SessionSchema
{
    public static readonly Field Modalities = (value, path) =>
    {
        List(OneOf("audio", "text"))(value, path);
        if (value.GetArrayLength() != 1)
        {
            throw Invalid(path, "Invalid modalities. Supported combinations are: ['text'] and ['audio'].");
        }
    };

    public static readonly Field MaxOutputTokens = TextOr(OneOf("inf"), Integer(1, 4096));
    public static readonly Field ToolChoice = TextOr(OneOf("none", "auto", "required"), Map);
    public static readonly Field Tools = List(Map);
    public static readonly Field Prompt = Nullable(Object(new() { ["id"] = Text, ["version"] = Nullable(Text), ["variables"] = Nullable(Map) }, "id"));
    public static readonly Field Reasoning = Nullable(Object(new() { ["effort"] = OneOf("minimal", "low", "medium", "high", "xhigh") }));

    public static readonly Field Voice = TextOr(
        OneOf("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar"),
        Object(new() { ["id"] = Text }, "id"));

    public static readonly Field Format = Union("type", new()
    {
        ["audio/pcmu"] = Object(new() { ["type"] = Any }),
        ["audio/pcma"] = NotOffline,
        ["audio/pcm"] = NotOffline,
    });

    private static readonly Field TurnDetection = Union("type", new()
    {
        ["server_vad"] = Object(new()
        {
            ["type"] = Any,
            ["threshold"] = Decimal(0, 1),
            ["prefix_padding_ms"] = Integer(0, 10_000),
            ["silence_duration_ms"] = Integer(0, 10_000),
            // Accepted, and never due: the offline assistant does not speak up by itself.
            ["idle_timeout_ms"] = Nullable(Integer(5_000, 30_000)),
            ["create_response"] = Flag,
            ["interrupt_response"] = Flag,
        }),
        ["semantic_vad"] = Object(new()
        {
            ["type"] = Any,
            ["eagerness"] = OneOf("low", "medium", "high", "auto"),
            ["create_response"] = Flag,
            ["interrupt_response"] = Flag,
        }),
    });

    private static readonly Field Transcription = Object(new()
    {
        ["model"] = Text,
        ["language"] = Nullable(Text),
        ["languages"] = List(Text),
        ["prompt"] = Nullable(Text),
        ["keywords"] = List(Text),
        ["delay"] = Any,
    });

    public static readonly Field Session = Object(new()
    {
        ["type"] = OneOf("realtime"),
        ["model"] = Text,
        ["output_modalities"] = Modalities,
        ["instructions"] = Text,
        ["audio"] = Object(new()
        {
            ["input"] = Object(new()
            {
                ["format"] = Format,
                ["noise_reduction"] = Nullable(Object(new() { ["type"] = OneOf("near_field", "far_field") }, "type")),
                ["transcription"] = Nullable(Transcription),
                ["turn_detection"] = Nullable(TurnDetection),
            }),
            ["output"] = Object(new() { ["format"] = Format, ["voice"] = Voice, ["speed"] = Decimal(0.25, 1.5) }),
        }),
        ["include"] = Nullable(List(OneOf("item.input_audio_transcription.logprobs"))),
        ["tools"] = Tools,
        ["tool_choice"] = ToolChoice,
        ["parallel_tool_calls"] = Flag,
        ["reasoning"] = Reasoning,
        ["max_output_tokens"] = MaxOutputTokens,
        ["tracing"] = Nullable(TextOr(OneOf("auto"), Map)),
        ["truncation"] = TextOr(OneOf("auto", "disabled"), Map),
        ["prompt"] = Prompt,
    }, "type");

    public static readonly Field Response = Object(new()
    {
        ["output_modalities"] = Modalities,
        ["instructions"] = Text,
        ["audio"] = Object(new() { ["output"] = Object(new() { ["format"] = Format, ["voice"] = Voice }) }),
        ["tools"] = Tools,
        ["tool_choice"] = ToolChoice,
        ["parallel_tool_calls"] = Flag,
        ["reasoning"] = Reasoning,
        ["max_output_tokens"] = MaxOutputTokens,
        ["conversation"] = OneOf("auto", "none"),
        ["metadata"] = Nullable(Map),
        ["prompt"] = Prompt,
        ["input"] = List(Map),
    });

    private static void NotOffline(JsonElement format, string path) => throw Invalid(
        path + ".type", $"The offline assistant hears and speaks a telephone's audio only: set '{path}' to {{\"type\":\"audio/pcmu\"}}.");
}
