using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>Composes events for the client: <see cref="Begin"/>, the fields, <see cref="Send"/>.</summary>
internal sealed class ServerEvents : IDisposable
{
    // Like OpenAI's own: no escapes but those that JSON demands.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _json;
    private readonly Outbox _outbox;

    public ServerEvents(Outbox outbox)
    {
        _outbox = outbox;
        _json = new(_buffer, Plain);
    }

    public Utf8JsonWriter Begin(ReadOnlySpan<byte> type)
    {
        _buffer.ResetWrittenCount();
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString("type"u8, type);
        _json.WriteString("event_id"u8, RealtimeId.New("event"));
        return _json;
    }

    public void Send()
    {
        _json.WriteEndObject();
        _json.Flush();
        _outbox.Enqueue(_buffer.WrittenSpan);
    }

    public void Session(ReadOnlySpan<byte> type, SessionSettings settings)
    {
        var json = Begin(type);
        json.WritePropertyName("session"u8);
        settings.Write(json);
        Send();
    }

    public void Error(InvalidRequestException error, string? eventId) =>
        Error("invalid_request_error"u8, error.Code, error.Message, error.Param, eventId);

    public void Error(ReadOnlySpan<byte> type, string? code, string message, string? param = null, string? eventId = null)
    {
        var json = Begin("error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, type);
        json.WriteString("code"u8, code);
        json.WriteString("message"u8, message);
        json.WriteString("param"u8, param);
        json.WriteString("event_id"u8, eventId);
        json.WriteEndObject();
        Send();
    }

    public void Dispose() => _json.Dispose();
}
