using System.Text.Json;

namespace VoiceAssistant.Tests.Calls.Signatures;

/// <summary>A request, with a form or (where there is one) a body, and what a validator must say of its signature.</summary>
public sealed record SignatureVector(
    string Id, string AuthToken, string Url, IReadOnlyList<IReadOnlyList<string>> Params, string? Body, string Signature, bool Expected)
{
    public IEnumerable<KeyValuePair<string, string>> Parameters => Params.Select(pair => KeyValuePair.Create(pair[0], pair[1]));

    /// <param name="file">Beside this file, or absolute.</param>
    public static IReadOnlyDictionary<string, SignatureVector> Load(string file)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Calls", "Signatures", file));
        return JsonSerializer.Deserialize<Collection>(stream, JsonSerializerOptions.Web)!.Vectors.ToDictionary(vector => vector.Id);
    }

    private sealed record Collection(IReadOnlyList<SignatureVector> Vectors);
}
