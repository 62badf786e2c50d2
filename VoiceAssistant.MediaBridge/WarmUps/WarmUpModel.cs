using System.Net.WebSockets;
using System.Text;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.MediaBridge.WarmUps;

/// <summary>The model of a warm-up: a greeting, and an answer to the caller, who talks over it.</summary>
internal static class WarmUpModel
{
    /// <summary>Of the caller's; then the model hears them speak.</summary>
    public const int FramesToInterrupt = 100;

    private const int Deltas = 30;

    // 100 ms.
    private static readonly string Audio = Convert.ToBase64String(new byte[800]);

    public static async Task ServeAsync(HttpContext http)
    {
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        using var reader = new MessageReader(socket, 64 * 1024);
        await SendAsync("""{"type":"session.created","event_id":"e","session":{"type":"realtime","id":"sess_1","model":"warmup"}}""");
        for (var frames = 0; await reader.ReadAsync(http.RequestAborted);)
        {
            var message = reader.Message.Span;
            if (message.IndexOf("\"input_audio_buffer.append\""u8) >= 0)
            {
                if (++frames == FramesToInterrupt)
                {
                    await HearAsync();
                }
            }
            else if (message.IndexOf("\"session.update\""u8) >= 0)
            {
                await SendAsync("""{"type":"session.updated","event_id":"e","session":{"type":"realtime","id":"sess_1"}}""");
            }
            else if (message.IndexOf("\"response.create\""u8) >= 0)
            {
                await SpeakAsync("1");
            }
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, http.RequestAborted);

        async Task HearAsync()
        {
            await SendAsync("""{"type":"input_audio_buffer.speech_started","event_id":"e","audio_start_ms":0,"item_id":"item_caller"}""");
            await SendAsync("""{"type":"input_audio_buffer.speech_stopped","event_id":"e","audio_end_ms":2000,"item_id":"item_caller"}""");
            await SendAsync("""{"type":"input_audio_buffer.committed","event_id":"e","item_id":"item_caller"}""");
            await SendAsync("""{"type":"conversation.item.input_audio_transcription.completed","event_id":"e","item_id":"item_caller","content_index":0,"transcript":"Hello."}""");
            await SpeakAsync("2");
        }

        async Task SpeakAsync(string number)
        {
            await SendAsync($$$"""{"type":"response.created","event_id":"e","response":{"object":"realtime.response","id":"resp_{{{number}}}","status":"in_progress"}}""");
            for (var delta = 0; delta < Deltas; delta++)
            {
                await SendAsync($$$"""{"type":"response.output_audio.delta","event_id":"e","response_id":"resp_{{{number}}}","item_id":"item_{{{number}}}","output_index":0,"content_index":0,"delta":"{{{Audio}}}"}""");
            }

            await SendAsync($$$"""{"type":"response.output_audio_transcript.delta","event_id":"e","response_id":"resp_{{{number}}}","item_id":"item_{{{number}}}","output_index":0,"content_index":0,"delta":"Hello."}""");
            await SendAsync($$$"""{"type":"response.output_audio_transcript.done","event_id":"e","response_id":"resp_{{{number}}}","item_id":"item_{{{number}}}","output_index":0,"content_index":0,"transcript":"Hello."}""");
            await SendAsync(
                $$$$"""{"type":"response.done","event_id":"e","response":{"object":"realtime.response","id":"resp_{{{{number}}}}","status":"completed","status_details":null,"output":[],"usage":{"total_tokens":2,"input_tokens":1,"output_tokens":1}}}""");
        }

        Task SendAsync(string @event) => socket.SendAsync(Encoding.UTF8.GetBytes(@event), WebSocketMessageType.Text, endOfMessage: true, http.RequestAborted);
    }
}
