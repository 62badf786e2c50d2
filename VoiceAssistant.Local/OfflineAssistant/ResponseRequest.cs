using System.Text.Json;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>What a response is asked to be: the session's settings, and what a <c>response.create</c> has of its own.</summary>
internal sealed record ResponseRequest
{
    /// <summary>Text instead of audio.</summary>
    public required bool WritesOnly { get; init; }

    /// <summary>Whether a telephone's audio was agreed on.</summary>
    public required bool Speaks { get; init; }

    /// <summary><c>"conversation": "none"</c>: nothing of it becomes part of the conversation.</summary>
    public bool IsOutOfBand { get; init; }

    public required string Instructions { get; init; }

    /// <summary>JSON, as are the next two.</summary>
    public required string Voice { get; init; }
    public required string MaxOutputTokens { get; init; }
    public string Metadata { get; init; } = "null";

    /// <summary>Reads a validated <c>response</c>, where there is one.</summary>
    public static ResponseRequest Read(JsonElement? response, SessionSettings settings)
    {
        var request = new ResponseRequest
        {
            WritesOnly = settings.WritesOnly,
            Speaks = settings.Speaks,
            Instructions = settings.Instructions,
            Voice = settings.Voice.ToJsonString(),
            MaxOutputTokens = settings.MaxOutputTokens.ToJsonString(),
        };

        if (response is not { ValueKind: JsonValueKind.Object } fields)
        {
            return request;
        }

        foreach (var field in fields.EnumerateObject())
        {
            request = field.Name switch
            {
                "output_modalities" => request with { WritesOnly = field.Value[0].ValueEquals("text"u8) },
                "conversation" => request with { IsOutOfBand = field.Value.ValueEquals("none"u8) },
                "instructions" => request with { Instructions = field.Value.GetString()! },
                "max_output_tokens" => request with { MaxOutputTokens = field.Value.GetRawText() },
                "metadata" => request with { Metadata = field.Value.GetRawText() },
                "audio" when field.Value.TryGetProperty("output", out var output) => request with
                {
                    Speaks = request.Speaks || output.TryGetProperty("format", out _),
                    Voice = output.TryGetProperty("voice", out var voice) ? voice.GetRawText() : request.Voice,
                },
                _ => request,
            };
        }

        return request;
    }
}
