using System.Globalization;
using System.Text.Json;

namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>What one field of a client event may hold.</summary>
/// <exception cref="InvalidRequestException">It holds something else.</exception>
internal delegate void Field(JsonElement value, string path);

/// <summary>The schemas' vocabulary; the messages are OpenAI's.</summary>
internal static class Fields
{
    public static readonly Field Any = (_, _) => { };
    public static readonly Field Text = Kind("a string", JsonValueKind.String);
    public static readonly Field Flag = Kind("a boolean", JsonValueKind.True, JsonValueKind.False);
    public static readonly Field Map = Kind("an object", JsonValueKind.Object);

    public static Field ShortText(int most) => (value, path) =>
    {
        Text(value, path);
        if (value.GetString()!.Length is var length && length > most)
        {
            throw new InvalidRequestException(
                "string_above_max_length",
                $"Invalid '{path}': string too long. Expected a string with maximum length {most}, but got a string with length {length} instead.",
                path);
        }
    };

    public static Field OneOf(params string[] values) => (value, path) =>
    {
        Text(value, path);
        var found = value.GetString()!;
        if (!values.Contains(found))
        {
            throw Invalid(path, $"Invalid value: '{Quotable(found)}'. Supported values are: {Enumerate([.. values.Select(supported => $"'{supported}'")])}.");
        }
    };

    public static Field Integer(int least, int most) => (value, path) =>
    {
        Kind("an integer", JsonValueKind.Number)(value, path);
        if (!value.TryGetInt32(out var found) || found < least || found > most)
        {
            throw Invalid(path, $"Invalid '{path}': expected an integer from {least} to {most}.");
        }
    };

    public static Field Decimal(double least, double most) => (value, path) =>
    {
        Kind("a decimal", JsonValueKind.Number)(value, path);
        if (!(value.GetDouble() >= least && value.GetDouble() <= most))
        {
            throw Invalid(path, string.Create(CultureInfo.InvariantCulture, $"Invalid '{path}': expected a decimal from {least} to {most}."));
        }
    };

    public static Field Nullable(Field field) => (value, path) =>
    {
        if (value.ValueKind != JsonValueKind.Null)
        {
            field(value, path);
        }
    };

    /// <summary>Either a string or something else.</summary>
    public static Field TextOr(Field text, Field other) => (value, path) => (value.ValueKind == JsonValueKind.String ? text : other)(value, path);

    public static Field List(Field element) => (value, path) =>
    {
        Kind("an array", JsonValueKind.Array)(value, path);
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            element(item, $"{path}[{index++}]");
        }
    };

    public static Field Object(Dictionary<string, Field> fields, params string[] required) => (value, path) =>
    {
        Map(value, path);
        foreach (var name in required)
        {
            Required(value, path, name);
        }

        foreach (var property in value.EnumerateObject())
        {
            var propertyPath = Join(path, property.Name);
            if (!fields.TryGetValue(property.Name, out var field))
            {
                throw new InvalidRequestException("unknown_parameter", $"Unknown parameter: '{propertyPath}'.", propertyPath);
            }

            field(property.Value, propertyPath);
        }
    };

    /// <summary>An object of one of several kinds, told apart by one of its fields.</summary>
    public static Field Union(string discriminator, Dictionary<string, Field> kinds)
    {
        var names = OneOf([.. kinds.Keys]);
        return (value, path) =>
        {
            Map(value, path);
            var kind = Required(value, path, discriminator);
            names(kind, Join(path, discriminator));
            kinds[kind.GetString()!](value, path);
        };
    }

    public static InvalidRequestException Invalid(string path, string message) => new("invalid_value", message, path);

    /// <summary>A client's own text as an error may repeat it.</summary>
    public static string Quotable(string text) => text.Length <= 100 ? text : $"({text.Length} characters)";

    private static string Enumerate(string[] values) => values switch
    {
        [var only] => only,
        [var one, var other] => $"{one} and {other}",
        [.. var first, var last] => $"{string.Join(", ", first)}, and {last}",
        [] => "",
    };

    private static JsonElement Required(JsonElement value, string path, string name) =>
        value.TryGetProperty(name, out var found)
            ? found
            : throw new InvalidRequestException("missing_required_parameter", $"Missing required parameter: '{Join(path, name)}'.", Join(path, name));

    private static Field Kind(string expected, params JsonValueKind[] kinds) => (value, path) =>
    {
        if (!kinds.Contains(value.ValueKind))
        {
            throw new InvalidRequestException(
                "invalid_type", $"Invalid type for '{path}': expected {expected}, but got {Describe(value.ValueKind)} instead.", path);
        }
    };

    private static string Join(string path, string name) => path.Length == 0 ? Quotable(name) : $"{path}.{Quotable(name)}";

    private static string Describe(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };
}
