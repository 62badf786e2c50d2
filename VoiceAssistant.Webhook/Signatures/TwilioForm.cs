using Microsoft.AspNetCore.WebUtilities;

namespace VoiceAssistant.Webhook.Signatures;

/// <summary>The fields that Twilio posted, decoded, as they came: with their case, their repeats and their order.</summary>
/// <remarks>
/// Not <see cref="IFormCollection"/>: that one joins names that differ only in case, and the signature tells them apart.
/// </remarks>
internal sealed class TwilioForm(IReadOnlyList<KeyValuePair<string, string>> fields)
{
    private const int MaxFields = 64;
    private const int MaxNameLength = 64;

    // A CallToken is some hundred characters long; everything that we read is far shorter.
    private const int MaxValueLength = 4096;

    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; } = fields;

    /// <returns>The value of the only field whose name is <paramref name="name"/> in any case; null if there is none or more than one.</returns>
    public string? Single(string name)
    {
        string? found = null;
        foreach (var (key, value) in Fields)
        {
            if (!key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (found is not null || key != name)
            {
                return null;
            }

            found = value;
        }

        return found;
    }

    /// <returns>Null if the body is not a form within the limits.</returns>
    /// <exception cref="BadHttpRequestException">The body is too long or comes too slowly.</exception>
    public static async Task<TwilioForm?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType || request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        using var reader = new FormReader(request.Body)
        {
            KeyLengthLimit = MaxNameLength,
            ValueLengthLimit = MaxValueLength,
        };

        var fields = new List<KeyValuePair<string, string>>();
        try
        {
            while (await reader.ReadNextPairAsync(cancellationToken) is { } field)
            {
                if (fields.Count == MaxFields)
                {
                    return null;
                }

                fields.Add(field);
            }
        }
        catch (InvalidDataException)
        {
            // A name or a value is too long.
            return null;
        }

        return new TwilioForm(fields);
    }
}
