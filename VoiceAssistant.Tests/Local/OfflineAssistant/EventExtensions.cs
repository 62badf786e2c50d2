using System.Text.Json;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

internal static class EventExtensions
{
    extension(JsonElement received)
    {
        public string Type => received.GetProperty("type").GetString()!;

        /// <summary>The value at a path like <c>item.content.0.type</c>, as text.</summary>
        public string? At(string path)
        {
            var value = received;
            foreach (var name in path.Split('.'))
            {
                value = int.TryParse(name, out var index) ? value[index] : value.GetProperty(name);
            }

            return value.ValueKind == JsonValueKind.Null ? null : value.ToString();
        }
    }

    extension(IEnumerable<JsonElement> events)
    {
        public JsonElement Single(string type) => events.Single(received => received.Type == type);

        public byte[] Audio() =>
            [.. events.Where(received => received.Type == "response.output_audio.delta").SelectMany(delta => delta.GetProperty("delta").GetBytesFromBase64())];

        /// <summary>The types in order; deltas in a row count as one.</summary>
        public IEnumerable<string> Order()
        {
            var last = "";
            foreach (var type in events.Select(received => received.Type.EndsWith(".delta", StringComparison.Ordinal) ? "deltas" : received.Type))
            {
                if (type != "deltas" || last != type)
                {
                    yield return type;
                }

                last = type;
            }
        }
    }
}
