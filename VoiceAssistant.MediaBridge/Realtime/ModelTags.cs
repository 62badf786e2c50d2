using System.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>Which model is asked, as spans and metrics name it.</summary>
internal sealed class ModelTags
{
    // The conventions have no name yet for what speaks both ways over one connection; this is their nearest.
    private const string Operation = "chat";

    public ModelTags(RealtimeOptions options)
    {
        var url = new Uri(options.Url);
        var model = ModelIn(url) ?? options.Model;

        SpanName = $"{Operation} {model}";
        List = new TagList
        {
            { "gen_ai.operation.name", Operation },
            { "gen_ai.provider.name", IsAzure(url) ? "azure.ai.openai" : "openai" },
            { "gen_ai.request.model", model },
            { "server.address", url.Host },
            { "server.port", url.Port },
        };
    }

    public string SpanName { get; }

    /// <summary>A copy, to which more can be added.</summary>
    public TagList List { get; }

    public static bool IsAzure(Uri url) => url.Host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase);

    /// <returns>The model that a URL names, which wins over REALTIME_MODEL as it does in the connector; null if it names none.</returns>
    public static string? ModelIn(Uri url) => QueryHelpers.ParseQuery(url.Query).TryGetValue("model", out var model) ? model.ToString() : null;
}
