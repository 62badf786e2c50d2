using System.Text;
using System.Text.Json;

namespace VoiceAssistant.Tests.MediaBridge;

/// <summary>The example messages of the protocols' documents, and what becomes of them on a bad day.</summary>
internal static class Examples
{
    // What breaks readers: escapes that stand for nothing, numbers without a value, what opens and does not close.
    private static readonly string[] Pieces =
    [
        "\\ud800", "\\udfff\\ud800", "\\u0000", "\\u00", "\\/", "\\", "\"", "{", "}", "[", "]", ",", ":", "null", "true", "-", "0", "1e999",
        "99999999999999999999", "/**/", " ", "\n", "\0", "…", "{}", "[[[[", "\"event\":", "\"e\\ud800\":0,", "\"type\":{},", "\"delta\":null,", "\"media\":[],",
        "\"payload\":\"", "\"timestamp\":[1],", "\"\\u0065vent\":\"\\u006dedia\",", "\"item_id\":\"\\\"\",", "\"start\":{", "\"st\\udc00\":0,",
    ];

    public static readonly byte[][] Twilio = Read("Streams/twilio-messages.jsonl");

    public static readonly byte[][] Realtime = Read("Realtime/openai-events.jsonl");

    /// <summary>Reads the examples, changed a few thousand times in the way of this seed: the reader may only succeed or say that it is no such message.</summary>
    public static void AssertOnlyJsonException(byte[][] examples, int seed, Action<byte[]> read)
    {
        var random = new Random(seed);
        for (var i = 0; i < 2_000; i++)
        {
            var mutated = Mutate(examples[random.Next(examples.Length)], random);
            try
            {
                read(mutated);
            }
            catch (JsonException)
            {
            }
            catch (Exception exception)
            {
                Assert.Fail($"Seed {seed}, round {i}: {exception.GetType()} for {Encoding.Latin1.GetString(mutated)}\n{exception}");
            }
        }
    }

    private static byte[] Mutate(byte[] message, Random random)
    {
        var bytes = message.ToList();
        for (var changes = random.Next(1, 6); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            var length = random.Next(Math.Min(40, bytes.Count - at));
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                case 3 when random.Next(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }

    private static byte[][] Read(string path) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "MediaBridge", path)).Select(Encoding.UTF8.GetBytes)];
}
