using System.CommandLine;

namespace VoiceAssistant.Local;

/// <summary>Options that are addresses of services.</summary>
internal static class UrlOption
{
    public static Option<Uri?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "url",
        CustomParser = argument =>
        {
            var text = argument.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            {
                return url;
            }

            argument.AddError($"{name} takes a URL that begins with http:// or https://, not {text}.");
            return null;
        },
    };
}
