namespace VoiceAssistant.Local.Phone.Streams;

internal enum StreamDirection
{
    ToServer,
    FromServer,
}

/// <summary>Sees a stream's messages where they meet the socket: right before one is sent, and as soon as one is there whole.</summary>
internal delegate void StreamTap(StreamDirection direction, ReadOnlySpan<byte> utf8);
