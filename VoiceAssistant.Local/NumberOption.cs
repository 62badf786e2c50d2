using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Numerics;

namespace VoiceAssistant.Local;

/// <summary>Options that are numbers: the range stands in the help, and in the sentence that refuses a number outside it.</summary>
internal static class NumberOption
{
    public static Option<T> Create<T>(string name, string description, T min, T max) where T : struct, INumber<T> => new(name)
    {
        Description = Describe(description, min, max),
        HelpName = "n",
        CustomParser = argument => Parse(argument, min, max) ?? default,
    };

    /// <summary>Null where it is not given.</summary>
    public static Option<T?> CreateOptional<T>(string name, string description, T min, T max) where T : struct, INumber<T> => new(name)
    {
        Description = Describe(description, min, max),
        HelpName = "n",
        CustomParser = argument => Parse(argument, min, max),
    };

    public static Option<int> Port(string name, string description) => Create(name, description, 1, IPEndPoint.MaxPort);

    private static string Describe<T>(string description, T min, T max) => $"{description} From {min} to {max}.";

    private static T? Parse<T>(ArgumentResult argument, T min, T max) where T : struct, INumber<T>
    {
        var isWhole = typeof(T) == typeof(int);
        var text = argument.Tokens[0].Value;
        // A double that is no number lies in no range.
        if (T.TryParse(text, isWhole ? NumberStyles.None : NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max)
        {
            return number;
        }

        argument.AddError($"{argument.Argument.Name} takes a {(isWhole ? "whole number" : "number")} from {min} to {max}, not {text}.");
        return null;
    }
}
