using System.Diagnostics;

namespace VoiceAssistant.MediaBridge;

internal static class Tracing
{
    /// <summary>Of the activity source and of the meter; ServiceDefaults exports every <c>VoiceAssistant.*</c>.</summary>
    public const string Name = "VoiceAssistant.MediaBridge";

    public static readonly ActivitySource Source = new(Name);

    /// <summary>Starts a span without making it the current one: the events of a conversation do not nest as calls of methods do.</summary>
    /// <param name="parent">Null, where the call is not traced, starts none.</param>
    /// <param name="name">Of few values.</param>
    /// <param name="kind">Client for what another process does.</param>
    public static Activity? StartBeside(this Activity? parent, string name, ActivityKind kind = ActivityKind.Internal)
    {
        if (parent is null)
        {
            return null;
        }

        var current = Activity.Current;
        var span = Source.StartActivity(name, kind, parent.Context);
        Activity.Current = current;
        return span;
    }

    /// <param name="span">Null is ignored.</param>
    /// <param name="errorType">Of few values: a code or a word of ours, never a text of a peer's.</param>
    public static void Fail(this Activity? span, string errorType) => span?.SetTag("error.type", errorType).SetStatus(ActivityStatusCode.Error);
}
