using System.Text.Json;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>A response's tokens. The cached ones are those of the input that the response before had, too.</summary>
internal sealed record Usage(int InputText, int InputAudio, int CachedText, int CachedAudio, int OutputText, int OutputAudio)
{
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("total_tokens"u8, InputText + InputAudio + OutputText + OutputAudio);
        json.WriteNumber("input_tokens"u8, InputText + InputAudio);
        json.WriteNumber("output_tokens"u8, OutputText + OutputAudio);

        json.WriteStartObject("input_token_details"u8);
        json.WriteNumber("text_tokens"u8, InputText);
        json.WriteNumber("audio_tokens"u8, InputAudio);
        json.WriteNumber("image_tokens"u8, 0);
        json.WriteNumber("cached_tokens"u8, CachedText + CachedAudio);
        json.WriteStartObject("cached_tokens_details"u8);
        json.WriteNumber("text_tokens"u8, CachedText);
        json.WriteNumber("audio_tokens"u8, CachedAudio);
        json.WriteNumber("image_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteEndObject();

        json.WriteStartObject("output_token_details"u8);
        json.WriteNumber("text_tokens"u8, OutputText);
        json.WriteNumber("audio_tokens"u8, OutputAudio);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
