namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>How long is waited for the model, by what it is to do.</summary>
internal static class Patience
{
    /// <summary>The model takes a frame in microseconds; the caller's own side is given up after 5 s without reading.</summary>
    public static readonly TimeSpan Sending = TimeSpan.FromSeconds(3);

    /// <summary>As long as for the connection itself.</summary>
    public static readonly TimeSpan Configuring = TimeSpan.FromSeconds(5);

    /// <summary>Between any two events while it is to answer; they come several times a second.</summary>
    public static readonly TimeSpan Responding = TimeSpan.FromSeconds(10);

    /// <summary>For an answer of which nothing more is heard, whatever else comes; audio comes faster than it is played, also after some thought.</summary>
    public static readonly TimeSpan Endless = TimeSpan.FromSeconds(30);

    /// <summary>Silence after the call was answered; longer, and a caller says hello again.</summary>
    public static readonly TimeSpan QuietStart = TimeSpan.FromMilliseconds(1500);

    /// <summary>Silence in the middle of a call; longer, and a caller asks whether anybody is there.</summary>
    public static readonly TimeSpan QuietGap = TimeSpan.FromSeconds(1);

    /// <summary>Silence in which the caller waits for a model that is connected; some answers take thought.</summary>
    public static readonly TimeSpan Silent = TimeSpan.FromSeconds(3);

    /// <summary>From one "one moment" to the next; five seconds of silence, and a caller takes the line for dead.</summary>
    public static readonly TimeSpan AnotherMoment = TimeSpan.FromSeconds(5);

    /// <summary>For all attempts at a call's first session.</summary>
    public static readonly TimeSpan Starting = TimeSpan.FromSeconds(8);

    /// <summary>At a call's start, for a model that asks to be left alone for a while; longer, and the caller is told to call again.</summary>
    public static readonly TimeSpan Busy = TimeSpan.FromSeconds(2);

    /// <summary>For all attempts at a session in place of one that was lost.</summary>
    public static readonly TimeSpan Recovering = TimeSpan.FromSeconds(10);

    /// <summary>In which nobody says a word; longer, and the caller is asked whether they are still there. They may be looking for something.</summary>
    public static readonly TimeSpan Unheard = TimeSpan.FromSeconds(60);

    /// <summary>For the answer to that.</summary>
    public static readonly TimeSpan Unanswered = TimeSpan.FromSeconds(30);

    /// <summary>How long before its end a call is told of it.</summary>
    public static readonly TimeSpan Warning = TimeSpan.FromSeconds(60);

    /// <summary>For a sentence that is being said when a call's time is over.</summary>
    public static readonly TimeSpan LastWords = TimeSpan.FromSeconds(8);

    /// <summary>For those and for what we say ourselves; whatever then still holds a call up is a fault.</summary>
    public static readonly TimeSpan Overdue = TimeSpan.FromSeconds(30);
}
