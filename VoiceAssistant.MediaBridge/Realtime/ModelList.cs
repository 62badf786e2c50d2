using System.Globalization;
using System.Text.Json;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>Which models an endpoint lists, and which of them end.</summary>
/// <remarks>https://developers.openai.com/api/reference/resources/models/methods/list, whose <c>shutdown_date</c> is YYYY-MM-DD or null.</remarks>
internal sealed class ModelList
{
    private static readonly string[] DateFormats = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "O"];

    private readonly Dictionary<string, DateOnly?> _ends = [];

    public bool IsEmpty => _ends.Count == 0;

    public bool Has(string model) => _ends.ContainsKey(model);

    /// <returns>Null where nothing is known of an end.</returns>
    public DateOnly? EndOf(string model) => _ends.GetValueOrDefault(model);

    /// <returns>As much as reads as documented; the rest is left out.</returns>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A text in it is no Unicode.</exception>
    public static ModelList Read(ReadOnlyMemory<byte> utf8)
    {
        var list = new ModelList();
        using var document = JsonDocument.Parse(utf8);
        if (document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("data", out var models) && models.ValueKind is JsonValueKind.Array)
        {
            foreach (var model in models.EnumerateArray())
            {
                if (model.ValueKind is JsonValueKind.Object && model.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String)
                {
                    list._ends[id.GetString()!] = model.TryGetProperty("shutdown_date", out var date) ? Date(date) : null;
                }
            }
        }

        return list;
    }

    // With a time, too, and seconds since 1970, which is how the field beside it says when the model was made.
    private static DateOnly? Date(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String when DateTimeOffset.TryParseExact(
            element.GetString(), DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) => DateOnly.FromDateTime(date.UtcDateTime),
        JsonValueKind.Number when element.TryGetInt64(out var seconds) && seconds is > 0 and < RealtimeSession.MaxUnixSeconds =>
            DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime),
        _ => null,
    };
}
