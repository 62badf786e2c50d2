using System.Buffers;
using VoiceAssistant.Local.Phone.Streams;

namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>A stream as the phone sends it: the documents' examples have ids and audio with dots in them.</summary>
internal static class TwilioSeeds
{
    public static readonly StreamIdentity Stream = new(
        "MZ0123456789abcdef0123456789abcdef", "CA0123456789abcdef0123456789abcdef", "AC0123456789abcdef0123456789abcdef",
        [new("token", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg")]);

    /// <summary>From connected to stop.</summary>
    public static readonly byte[][] Messages =
    [
        Write(StreamMessages.WriteConnected),
        Write(output => StreamMessages.WriteStart(output, 1, Stream)),
        .. Enumerable.Range(1, 3).Select(chunk => Write(output => StreamMessages.WriteMedia(output, chunk + 1, chunk, chunk * 20, Frame(chunk), Stream))),
        Write(output => StreamMessages.WriteMark(output, 5, "1-1-20"u8, Stream)),
        Write(output => StreamMessages.WriteDtmf(output, 6, '#', Stream)),
        Write(output => StreamMessages.WriteStop(output, 7, Stream)),
    ];

    private static byte[] Write(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Frame(int first) => [.. Enumerable.Range(first, 160).Select(value => (byte)value)];
}
