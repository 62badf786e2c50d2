using System.Text.Json;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>What a client learns of a response: <c>response.*</c>. Every response here has one item with one part.</summary>
internal sealed class ResponseEvents(ServerEvents events)
{
    public void Created(Response response) => Whole("response.created"u8, response);

    public void Done(Response response) => Whole("response.done"u8, response);

    /// <summary>Nothing is limited here, yet a client may wait for the announcement.</summary>
    public void RateLimits()
    {
        var json = events.Begin("rate_limits.updated"u8);
        json.WriteStartArray("rate_limits"u8);
        WriteLimit(json, "requests"u8, 1000);
        WriteLimit(json, "tokens"u8, 50_000);
        json.WriteEndArray();
        events.Send();
    }

    public void ItemAdded(Response response) => OfItem("response.output_item.added"u8, response);

    public void ItemDone(Response response) => OfItem("response.output_item.done"u8, response);

    public void PartAdded(Response response) => OfPart("response.content_part.added"u8, response, text: "");

    public void PartDone(Response response) => OfPart("response.content_part.done"u8, response, response.Transcript);

    public void Words(Response response, string words)
    {
        var json = Begin(response.Item.IsWritten ? "response.output_text.delta"u8 : "response.output_audio_transcript.delta"u8, response);
        json.WriteString("delta"u8, words);
        events.Send();
    }

    public void WordsDone(Response response)
    {
        var json = Begin(response.Item.IsWritten ? "response.output_text.done"u8 : "response.output_audio_transcript.done"u8, response);
        json.WriteString(response.Item.IsWritten ? "text"u8 : "transcript"u8, response.Transcript);
        events.Send();
    }

    public void Audio(Response response, ReadOnlySpan<byte> audio)
    {
        Begin("response.output_audio.delta"u8, response).WriteBase64String("delta"u8, audio);
        events.Send();
    }

    public void AudioDone(Response response)
    {
        Begin("response.output_audio.done"u8, response);
        events.Send();
    }

    private Utf8JsonWriter Begin(ReadOnlySpan<byte> type, Response response)
    {
        var json = events.Begin(type);
        json.WriteString("response_id"u8, response.Id);
        json.WriteString("item_id"u8, response.Item.Id);
        json.WriteNumber("output_index"u8, 0);
        json.WriteNumber("content_index"u8, 0);
        return json;
    }

    private void OfItem(ReadOnlySpan<byte> type, Response response)
    {
        var json = events.Begin(type);
        json.WriteString("response_id"u8, response.Id);
        json.WriteNumber("output_index"u8, 0);
        json.WritePropertyName("item"u8);
        response.Item.Write(json);
        events.Send();
    }

    private void OfPart(ReadOnlySpan<byte> type, Response response, string text)
    {
        var json = Begin(type, response);
        json.WriteStartObject("part"u8);
        json.WriteString("type"u8, response.Item.IsWritten ? "text"u8 : "audio"u8);
        json.WriteString(response.Item.IsWritten ? "text"u8 : "transcript"u8, text);
        json.WriteEndObject();
        events.Send();
    }

    private void Whole(ReadOnlySpan<byte> type, Response response)
    {
        var json = events.Begin(type);
        json.WriteStartObject("response"u8);
        json.WriteString("object"u8, "realtime.response"u8);
        json.WriteString("id"u8, response.Id);
        json.WriteString("status"u8, response.Status);
        WriteReason(json, response);
        WriteOutput(json, response);
        json.WriteString("conversation_id"u8, response.ConversationId);
        WriteSettings(json, response.Request);
        json.WritePropertyName("usage"u8);
        if (response.Usage is { } usage)
        {
            usage.Write(json);
        }
        else
        {
            json.WriteNullValue();
        }

        json.WriteEndObject();
        events.Send();
    }

    private static void WriteReason(Utf8JsonWriter json, Response response)
    {
        if (response.Reason is null)
        {
            json.WriteNull("status_details"u8);
            return;
        }

        json.WriteStartObject("status_details"u8);
        json.WriteString("type"u8, response.Status);
        json.WriteString("reason"u8, response.Reason);
        json.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter json, Response response)
    {
        json.WriteStartArray("output"u8);
        if (response.Usage is not null)
        {
            response.Item.Write(json);
        }

        json.WriteEndArray();
    }

    private static void WriteSettings(Utf8JsonWriter json, ResponseRequest request)
    {
        json.WriteStartArray("output_modalities"u8);
        json.WriteStringValue(request.WritesOnly ? "text"u8 : "audio"u8);
        json.WriteEndArray();
        json.WritePropertyName("max_output_tokens"u8);
        json.WriteRawValue(request.MaxOutputTokens);
        json.WriteStartObject("audio"u8);
        json.WriteStartObject("output"u8);
        json.WriteStartObject("format"u8);
        json.WriteString("type"u8, "audio/pcmu"u8);
        json.WriteEndObject();
        json.WritePropertyName("voice"u8);
        json.WriteRawValue(request.Voice);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WritePropertyName("metadata"u8);
        json.WriteRawValue(request.Metadata);
    }

    private static void WriteLimit(Utf8JsonWriter json, ReadOnlySpan<byte> name, int limit)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, name);
        json.WriteNumber("limit"u8, limit);
        json.WriteNumber("remaining"u8, limit - 1);
        json.WriteNumber("reset_seconds"u8, 60);
        json.WriteEndObject();
    }
}
