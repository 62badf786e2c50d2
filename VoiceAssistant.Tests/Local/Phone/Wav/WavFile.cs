using VoiceAssistant.Local.Phone.Wav;

namespace VoiceAssistant.Tests.Local.Phone.Wav;

/// <summary>Puts WAV files together, right and wrong ones.</summary>
internal static class WavFile
{
    public static byte[] Create(WavCoding coding, int channels, int rate, int bits, byte[] data, bool extensible = false) => Riff(
        Chunk("LIST", "INFOodd"u8.ToArray()),
        Chunk("fmt ", Format(coding, channels, rate, bits, extensible)),
        Chunk("fact", BitConverter.GetBytes(data.Length)),
        Chunk("data", data),
        Chunk("LIST", "after"u8.ToArray()));

    public static byte[] Riff(params byte[][] chunks) =>
        [.. "RIFF"u8, .. BitConverter.GetBytes(4 + chunks.Sum(chunk => chunk.Length)), .. "WAVE"u8, .. chunks.SelectMany(chunk => chunk)];

    /// <summary>A chunk, padded to an even length, whose header may say another size.</summary>
    public static byte[] Chunk(string id, byte[] content, uint? size = null) =>
        [.. id.Select(c => (byte)c), .. BitConverter.GetBytes(size ?? (uint)content.Length), .. content, .. new byte[content.Length % 2]];

    public static byte[] Format(WavCoding coding, int channels, int rate, int bits, bool extensible = false)
    {
        byte[] format =
        [
            .. BitConverter.GetBytes((ushort)(extensible ? WavCoding.Extensible : coding)),
            .. BitConverter.GetBytes((ushort)channels),
            .. BitConverter.GetBytes(rate),
            .. BitConverter.GetBytes(rate * channels * bits / 8),
            .. BitConverter.GetBytes((ushort)(channels * bits / 8)),
            .. BitConverter.GetBytes((ushort)bits),
        ];

        // KSDATAFORMAT_SUBTYPE_…: the code, and the tail that all of them share.
        return extensible
            ? [.. format, 22, 0, (byte)bits, 0, 3, 0, 0, 0, (byte)coding, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
            : format;
    }
}
