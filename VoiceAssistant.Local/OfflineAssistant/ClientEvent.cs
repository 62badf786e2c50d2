using System.Text.Json;
using static VoiceAssistant.Local.OfflineAssistant.Fields;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>One event from the client, of a known type and with known fields only.</summary>
internal sealed class ClientEvent : IDisposable
{
    private const int MaxIdLength = 512;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private static readonly Dictionary<string, Field> Schemas = new()
    {
        ["session.update"] = Event(new() { ["session"] = SessionSchema.Session }, "session"),
        ["input_audio_buffer.append"] = Event(new() { ["audio"] = Text }, "audio"),
        ["input_audio_buffer.commit"] = Event([]),
        ["input_audio_buffer.clear"] = Event([]),
        ["conversation.item.create"] = Event(new() { ["previous_item_id"] = Nullable(Text), ["item"] = ItemSchema.Item }, "item"),
        ["conversation.item.retrieve"] = Event(new() { ["item_id"] = Text }, "item_id"),
        ["conversation.item.truncate"] = Event(
            new() { ["item_id"] = Text, ["content_index"] = Integer(0, 0), ["audio_end_ms"] = Integer(0, int.MaxValue) },
            "item_id", "content_index", "audio_end_ms"),
        ["conversation.item.delete"] = Event(new() { ["item_id"] = Text }, "item_id"),
        ["response.create"] = Event(new() { ["response"] = Nullable(SessionSchema.Response) }),
        ["response.cancel"] = Event(new() { ["response_id"] = Nullable(Text) }),
    };

    private readonly JsonDocument _document;

    private ClientEvent(JsonDocument document) => _document = document;

    public string Type { get; private set; } = "";

    /// <summary>The client's own name for this event, which an error repeats.</summary>
    public string? Id { get; private set; }

    public JsonElement Root => _document.RootElement;

    /// <summary>Reads what can be known of any event; <see cref="Validate"/> comes after, so that its errors can name the event.</summary>
    /// <exception cref="InvalidRequestException">It is not a JSON object.</exception>
    public static ClientEvent Parse(ReadOnlyMemory<byte> utf8)
    {
        JsonDocument? document = null;
        try
        {
            document = JsonDocument.Parse(utf8, Strict);

            // An escaped half of a surrogate pair is JSON but no text: better found here than when some later event repeats it.
            using var writer = new Utf8JsonWriter(Stream.Null);
            document.RootElement.WriteTo(writer);
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException)
        {
            document?.Dispose();
            throw new InvalidRequestException("invalid_event", "The event is not valid JSON.");
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            document.Dispose();
            throw new InvalidRequestException("invalid_event", "The event is not a JSON object.");
        }

        var id = TextOf(document.RootElement, "event_id");
        return new(document) { Id = id?.Length <= MaxIdLength ? id : null, Type = TextOf(document.RootElement, "type") ?? "" };
    }

    /// <exception cref="InvalidRequestException">The type is missing or unknown, or a field is.</exception>
    public void Validate()
    {
        if (Type.Length == 0)
        {
            throw new InvalidRequestException("invalid_event", "The 'type' field is missing.", "type");
        }

        if (!Schemas.TryGetValue(Type, out var schema))
        {
            throw new InvalidRequestException("invalid_event", $"Unknown event type: '{Quotable(Type)}'.", "type");
        }

        schema(Root, "");
    }

    public string? TextOf(string name) => TextOf(Root, name);

    public void Dispose() => _document.Dispose();

    private static string? TextOf(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Field Event(Dictionary<string, Field> fields, params string[] required) =>
        Object(new(fields) { ["type"] = Any, ["event_id"] = Nullable(ShortText(MaxIdLength)) }, required);
}
