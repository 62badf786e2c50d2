using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Local.Measuring;

/// <summary>20 ms of audio that says whose and which they are, so that none can be lost, repeated, swapped or changed unseen.</summary>
/// <param name="Call">The call that it was spoken in.</param>
/// <param name="Number">Its place in the call, from 0.</param>
internal readonly record struct NumberedFrame(int Call, int Number)
{
    private const uint Signature = 0x5EEDF00D;
    private const int HeaderLength = 3 * sizeof(uint);

    public void Write(Span<byte> frame)
    {
        BinaryPrimitives.WriteUInt32BigEndian(frame, Signature);
        BinaryPrimitives.WriteInt32BigEndian(frame[sizeof(uint)..], Call);
        BinaryPrimitives.WriteInt32BigEndian(frame[(2 * sizeof(uint))..], Number);

        // Different bytes in every frame; a linear congruential generator is random enough to tell them apart.
        var noise = (uint)((Call << 16) ^ Number);
        for (var i = HeaderLength; i < frame.Length; i++)
        {
            noise = (noise * 1664525) + 1013904223;
            frame[i] = (byte)(noise >> 24);
        }
    }

    /// <returns>False for any audio that is not a numbered frame.</returns>
    public static bool TryRead(ReadOnlySpan<byte> base64, out NumberedFrame number, out bool isIntact)
    {
        (number, isIntact) = (default, false);
        Span<byte> frame = stackalloc byte[Frame.Length + 2];
        if (Base64.DecodeFromUtf8(base64, frame, out _, out var length) != OperationStatus.Done
            || length < HeaderLength || BinaryPrimitives.ReadUInt32BigEndian(frame) != Signature)
        {
            return false;
        }

        number = new(
            BinaryPrimitives.ReadInt32BigEndian(frame[sizeof(uint)..]), BinaryPrimitives.ReadInt32BigEndian(frame[(2 * sizeof(uint))..]));
        Span<byte> expected = stackalloc byte[Frame.Length];
        number.Write(expected);
        isIntact = frame[..length].SequenceEqual(expected);
        return true;
    }
}
