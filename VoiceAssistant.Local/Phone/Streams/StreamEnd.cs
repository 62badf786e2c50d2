namespace VoiceAssistant.Local.Phone.Streams;

internal enum StreamEndKind
{
    /// <summary>The caller hung up.</summary>
    HungUp,

    /// <summary>The server closed it, without complaint.</summary>
    Closed,

    /// <summary>It never opened.</summary>
    Refused,

    /// <summary>It broke, or the server closed it with an error.</summary>
    Dropped,
}

/// <summary>How a stream ended; the error is Twilio's number, 0 where Twilio reports none.</summary>
internal sealed record StreamEnd(StreamEndKind Kind, string Reason, int Error = 0)
{
    public static StreamEnd HungUp { get; } = new(StreamEndKind.HungUp, "The caller hung up.");
}
