using static VoiceAssistant.Local.OfflineAssistant.Fields;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The items that a client may add to the offline conversation: text, and what tools were asked and have answered.</summary>
internal static class ItemSchema
{
    public static readonly Field Item = Union("type", new()
    {
        ["message"] = Union("role", new()
        {
            ["system"] = Message("input_text"),
            ["user"] = Message("input_text"),
            ["assistant"] = Message("output_text"),
        }),
        ["function_call"] = Known(new() { ["call_id"] = Text, ["name"] = Text, ["arguments"] = Text }, "name", "arguments"),
        ["function_call_output"] = Known(new() { ["call_id"] = Text, ["output"] = Text }, "call_id", "output"),
    });

    private static Field Message(string contentType) => Known(new()
    {
        ["role"] = Any,
        ["content"] = List(Object(new() { ["type"] = OneOf(contentType), ["text"] = Text }, "type", "text")),
    }, "content");

    // Every item may bring these; the status has no effect, and 32 characters are all that OpenAI takes for an id.
    private static Field Known(Dictionary<string, Field> fields, params string[] required) =>
        Object(new(fields) { ["type"] = Any, ["id"] = ShortText(32), ["object"] = OneOf("realtime.item"), ["status"] = Text }, required);
}
