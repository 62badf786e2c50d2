using System.Net.WebSockets;
using System.Text;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class MutationTests(ITestOutputHelper output)
{
    private static readonly string[] Seeds =
    [
        """{"type":"session.update","event_id":"e","session":{"type":"realtime","instructions":"Hi","output_modalities":["audio"],"max_output_tokens":100,"audio":{"input":{"format":{"type":"audio/pcmu"},"transcription":{"model":"whisper-1"},"turn_detection":{"type":"server_vad","threshold":0.5,"silence_duration_ms":200,"create_response":true}},"output":{"format":{"type":"audio/pcmu"},"voice":"marin","speed":1}},"tools":[{"type":"function","name":"f"}],"tool_choice":"auto"}}""",
        """{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"low"}}}}}""",
        """{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}""",
        """{"type":"input_audio_buffer.append","audio":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""",
        """{"type":"input_audio_buffer.commit"}""",
        """{"type":"input_audio_buffer.clear"}""",
        """{"type":"conversation.item.create","previous_item_id":"root","item":{"id":"a","type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}}""",
        """{"type":"conversation.item.create","item":{"type":"function_call_output","call_id":"call_001","output":"{\"ok\":true}"}}""",
        """{"type":"conversation.item.retrieve","item_id":"a"}""",
        """{"type":"conversation.item.truncate","item_id":"a","content_index":0,"audio_end_ms":0}""",
        """{"type":"conversation.item.delete","item_id":"a"}""",
        """{"type":"response.create","response":{"conversation":"none","output_modalities":["text"],"metadata":{"a":"b"},"input":[]}}""",
        """{"type":"response.create"}""",
        """{"type":"response.cancel","response_id":"r"}""",
    ];

    // Pieces that parsers stumble over.
    private static readonly string[] Splinters =
        ["null", "true", "-1", "1e999", "0.5", "\"\"", "{}", "[]", "\"\\ud800\"", "\"é\"", "9223372036854775808", "[[[[[[", "\\", "\"", ",", ":", "}"];

    [Fact]
    public async Task Session_OutlivesWhateverIsSent()
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}.");
        var random = new Random(seed);

        await using var host = await OfflineHost.StartAsync();
        using var client = await host.CallAsync();

        for (var batch = 0; batch < 40; batch++)
        {
            for (var sent = 0; sent < 50; sent++)
            {
                await client.SendAsync(Mutate(random), random.Next(20) == 0 ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
            }

            Assert.All(await client.ReceivePendingAsync(), received => Assert.NotEqual("", received.At("event_id")));
            host.Time.Advance(TimeSpan.FromMilliseconds(30));
        }
    }

    private static string Mutate(Random random)
    {
        var json = new StringBuilder(Seeds[random.Next(Seeds.Length)]);
        for (var mutations = random.Next(4); mutations > 0 && json.Length > 0; mutations--)
        {
            var at = random.Next(json.Length);
            switch (random.Next(5))
            {
                case 0:
                    json.Remove(at, Math.Min(random.Next(1, 12), json.Length - at));
                    break;
                case 1:
                    json.Insert(at, Splinters[random.Next(Splinters.Length)]);
                    break;
                case 2:
                    json[at] = (char)random.Next(0x20, 0x7F);
                    break;
                case 3:
                    ReplaceAValue(json, at, Splinters[random.Next(Splinters.Length)]);
                    break;
                default:
                    json.Append(Seeds[random.Next(Seeds.Length)]);
                    break;
            }
        }

        return json.ToString();
    }

    private static void ReplaceAValue(StringBuilder json, int near, string splinter)
    {
        var text = json.ToString();
        var start = text.IndexOf(':', near) + 1;
        var end = start == 0 ? -1 : text.AsSpan(start).IndexOfAny(",}]");
        if (end > 0)
        {
            json.Remove(start, end).Insert(start, splinter);
        }
    }
}
