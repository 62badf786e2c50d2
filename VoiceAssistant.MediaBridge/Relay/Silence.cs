namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>20 ms in which nobody speaks.</summary>
internal static class Silence
{
    public const int FrameMilliseconds = 20;

    // 0xFF is µ-law's zero; a frame is 160 of them.
    public static readonly byte[] FrameBase64 = Encode();

    private static byte[] Encode()
    {
        var frame = new byte[8 * FrameMilliseconds];
        Array.Fill(frame, (byte)0xFF);
        return System.Text.Encoding.ASCII.GetBytes(Convert.ToBase64String(frame));
    }
}
