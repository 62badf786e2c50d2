using System.Text.Json;
using VoiceAssistant.MediaBridge.Realtime;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>One event of the model's: read as a slow reader reads it, or refused.</summary>
internal sealed class RealtimeEventTarget : IFuzzTarget
{
    public string Name => "model";

    public IReadOnlyList<byte[]> Seeds { get; } = [.. Corpus.Realtime, .. RealtimeSeeds.Events];

    public int MaxLength => 256 * 1024;

    public string Run(ReadOnlySpan<byte> input)
    {
        ReadOnlyMemory<byte> utf8 = input.ToArray();
        using var document = PlainJson.TryParseObject(utf8);

        RealtimeEvent @event;
        try
        {
            @event = RealtimeEvent.Read(utf8);
        }
        catch (JsonException)
        {
            FindingException.ThrowIf(document is not null && IsCertainlyAnEvent(document.RootElement), "An event is refused.");
            return document is null ? "no JSON" : "refused";
        }

        FindingException.ThrowIf(document is null, "What is no event is accepted.");
        var root = document.RootElement;
        if (@event.Type is not RealtimeEventType.Unknown)
        {
            Check(@event.Delta, root, "delta"u8);
            Check(@event.ResponseId, root, "response_id"u8);
            Check(@event.ItemId, root, "item_id"u8);
            FindingException.ThrowIf(
                Last(root, "transcript"u8) is { ValueKind: JsonValueKind.String } words
                    ? !@event.Transcript.Span.SequenceEqual(PlainJson.Text(words))
                    : !@event.Transcript.IsEmpty,
                "What was said is something else.");
        }

        return @event.Type switch
        {
            RealtimeEventType.ResponseCreated or RealtimeEventType.ResponseDone => $"{@event.Type}{CheckResponse(utf8.Span, root)}",
            RealtimeEventType.Error => $"{@event.Type}{CheckError(utf8.Span, root)}",
            _ => $"{@event.Type}",
        };
    }

    private static void Check(ReadOnlyMemory<byte> actual, JsonElement root, ReadOnlySpan<byte> field) => FindingException.ThrowIf(
        !actual.Span.SequenceEqual(Last(root, field) is { } value ? PlainJson.Text(value) : []), "A field is another one.");

    private static string CheckResponse(ReadOnlySpan<byte> utf8, JsonElement root)
    {
        RealtimeResponse? response;
        try
        {
            response = RealtimeResponse.Read(utf8);
        }
        catch (JsonException)
        {
            return ", refused";
        }

        var plain = Last(root, "response"u8);
        FindingException.ThrowIf(response?.Id != Text(plain, "id"u8) || response?.Status != Text(plain, "status"u8), "The response is another one.");
        var error = Object(plain, "status_details"u8) is { } details ? Object(details, "error"u8) : null;
        FindingException.ThrowIf(!IsWord(response?.ErrorCode), "An error's code is no word, and is logged.");
        return $", {(error is null ? "" : "error ")}{RealtimeError.IsFatal(response?.ErrorCode)}";
    }

    private static string CheckError(ReadOnlySpan<byte> utf8, JsonElement root)
    {
        RealtimeError? error;
        try
        {
            error = RealtimeError.Read(utf8);
        }
        catch (JsonException)
        {
            return ", refused";
        }

        FindingException.ThrowIf(error?.EventId != Text(Last(root, "error"u8), "event_id"u8), "The error is of another event.");
        FindingException.ThrowIf(!IsWord(error?.Code) || !IsWord(error?.Type) || !IsWord(error?.Param), "An error's code is no word, and is logged.");
        return $", {RealtimeError.IsFatal(error?.Code)}";
    }

    // It goes into the log: no line breaks, no sentences, no end of it.
    private static bool IsWord(string? text) =>
        text is null || (text.Length <= 100 && text.All(character => char.IsAsciiLetterOrDigit(character) || "_-.[]".Contains(character, StringComparison.Ordinal)));

    private static bool IsCertainlyAnEvent(JsonElement root)
    {
        foreach (var property in root.EnumerateObject())
        {
            if (PlainJson.Name(property) is not { } name)
            {
                return false;
            }

            if ((name.AsSpan().SequenceEqual("type"u8) || name.AsSpan().SequenceEqual("delta"u8) || name.AsSpan().SequenceEqual("response_id"u8)
                || name.AsSpan().SequenceEqual("item_id"u8)) && PlainJson.Text(property.Value) is null)
            {
                return false;
            }

            // Any other kind counts as none.
            if (name.AsSpan().SequenceEqual("transcript"u8) && property.Value.ValueKind is JsonValueKind.String && PlainJson.Text(property.Value) is null)
            {
                return false;
            }
        }

        return true;
    }

    private static JsonElement? Last(JsonElement root, ReadOnlySpan<byte> name)
    {
        JsonElement? last = null;
        foreach (var property in root.EnumerateObject())
        {
            if (name.SequenceEqual(PlainJson.Name(property)))
            {
                last = property.Value;
            }
        }

        return last;
    }

    private static JsonElement? Object(JsonElement? parent, ReadOnlySpan<byte> name) =>
        parent is { ValueKind: JsonValueKind.Object } root && Last(root, name) is { ValueKind: JsonValueKind.Object } value ? value : null;

    private static string? Text(JsonElement? parent, ReadOnlySpan<byte> name) =>
        parent is { ValueKind: JsonValueKind.Object } root && Last(root, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
}
