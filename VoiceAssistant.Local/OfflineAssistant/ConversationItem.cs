using System.Globalization;
using System.Text.Json;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>One item of the conversation: what was said, or what a client put in.</summary>
internal sealed class ConversationItem
{
    private const string Message = "message";

    private bool _isTruncated;

    private ConversationItem(string id, string type, string? role) => (Id, Type, Role) = (id, type, role);

    public string Id { get; }
    public string Type { get; }

    /// <summary>Null for what is not a message.</summary>
    public string? Role { get; }

    /// <summary>As the client put it in; null for what was said here.</summary>
    public JsonElement? Given { get; private init; }

    /// <summary>The key that it says the caller has pressed.</summary>
    public char? Key { get; private init; }

    public string Status { get; set; } = "completed";
    public ReadOnlyMemory<byte> Audio { get; private set; }
    public string? Transcript { get; set; }

    /// <summary>The assistant's answer in text only: its words are the transcript of nothing.</summary>
    public bool IsWritten { get; private init; }

    public int AudioMs => Audio.Length / MuLaw.BytesPerMs;

    // OpenAI's measure: a token for 100 ms of a caller, for 50 ms of the assistant; and about one for four characters.
    public int AudioTokens => AudioMs / (Role == "user" ? 100 : 50);
    public int TextTokens { get; private init; }

    /// <summary>What it takes in memory.</summary>
    public int Size { get; private init; }

    public static ConversationItem FromCaller(string id, byte[] audio) =>
        new(id, Message, "user") { Audio = audio, Size = audio.Length };

    /// <summary>What the assistant is about to say, or to write where there is no audio.</summary>
    public static ConversationItem FromAssistant(Clip answer) =>
        new(RealtimeId.New("item"), Message, "assistant")
        {
            Status = "in_progress",
            IsWritten = answer.Audio.IsEmpty,
            Size = answer.Audio.Length,
            TextTokens = CountTokens(answer.Transcript),
        };

    /// <param name="given">A validated item.</param>
    public static ConversationItem FromClient(JsonElement given) =>
        new(
            given.TryGetProperty("id", out var id) ? id.GetString()! : RealtimeId.New("item"),
            given.GetProperty("type").GetString()!,
            given.TryGetProperty("role", out var role) ? role.GetString() : null)
        {
            Given = given.Clone(),
            Key = KeyMessage.Read(given),
            Size = given.GetRawText().Length,
            TextTokens = CountTokens(given.GetRawText()),
        };

    public static int CountTokens(string text) => (text.Length + 3) / 4;

    /// <summary>What an honest ear without words writes down.</summary>
    public static string Describe(ReadOnlyMemory<byte> speech) =>
        string.Create(CultureInfo.InvariantCulture, $"(spoken words, {(double)speech.Length / MuLaw.SampleRate:0.0} s)");

    /// <summary>More of the assistant's words and audio is out. What a client has cut off stays cut off.</summary>
    public void Extend(ReadOnlyMemory<byte> audio, string transcript)
    {
        if (!_isTruncated)
        {
            (Audio, Transcript) = (audio, transcript);
        }
    }

    /// <summary>Keeps what the caller has heard; the words are gone, for nobody knows which were heard.</summary>
    public void Truncate(int audioEndMs)
    {
        (Audio, Transcript, _isTruncated) = (Audio[..(audioEndMs * MuLaw.BytesPerMs)], null, true);
    }

    public void Write(Utf8JsonWriter json, bool withAudio = false)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, Id);
        json.WriteString("object"u8, "realtime.item"u8);
        json.WriteString("type"u8, Type);
        json.WriteString("status"u8, Status);

        if (Given is { } given)
        {
            foreach (var property in given.EnumerateObject())
            {
                if (property.Name is not ("id" or "object" or "type" or "status"))
                {
                    property.WriteTo(json);
                }
            }
        }
        else
        {
            json.WriteString("role"u8, Role);
            json.WriteStartArray("content"u8);
            if (Status != "in_progress")
            {
                WriteContent(json, withAudio);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteContent(Utf8JsonWriter json, bool withAudio)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, Role == "user" ? "input_audio"u8 : IsWritten ? "output_text"u8 : "output_audio"u8);
        if (withAudio && !IsWritten)
        {
            json.WriteBase64String("audio"u8, Audio.Span);
        }

        json.WriteString(IsWritten ? "text"u8 : "transcript"u8, Transcript);
        json.WriteEndObject();
    }
}
