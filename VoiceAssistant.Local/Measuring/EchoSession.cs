using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using VoiceAssistant.Local.OfflineAssistant;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.Local.Measuring;

/// <summary>As much of OpenAI's Realtime protocol as the server needs: greets at once, then says again every frame it hears.</summary>
/// <param name="socket">Where the server is.</param>
/// <param name="expected">Whose frames come. The server opens sessions before it has calls for them, so they are not known yet.</param>
internal sealed class EchoSession(WebSocket socket, Func<IReadOnlyList<MeasuredCall>> expected) : IAsyncDisposable
{
    private const int GreetingDeltas = 3;

    private static readonly byte[] Greeting = Encoding.ASCII.GetBytes(Convert.ToBase64String(new byte[Frame.Length]));

    private readonly MessageReader _reader = new(socket, maxMessageSize: 64 * 1024);
    private readonly MessageWriter _writer = new(socket, TimeProvider.System);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await SendAsync("""{"type":"session.created","event_id":"event_1","session":{"type":"realtime","object":"realtime.session","id":"sess_1"}}""", cancellationToken);
        while (await _reader.ReadAsync(cancellationToken))
        {
            if (TryEcho(Stopwatch.GetTimestamp(), out var track, out var number))
            {
                track.Leaves(number, Stopwatch.GetTimestamp());
                await _writer.FlushAsync(cancellationToken);
            }
            else
            {
                await AnswerAsync((string?)JsonNode.Parse(_reader.Message.Span)?["type"], cancellationToken);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _reader.Dispose();
    }

    /// <summary>Writes the answer to a numbered frame, ready to be sent.</summary>
    private bool TryEcho(long arrived, out FrameTrack track, out int number)
    {
        (track, number) = (null!, 0);
        var calls = expected();
        if (!AppendEvent.TryRead(_reader.Message.Span, out var audio)
            || !NumberedFrame.TryRead(audio, out var frame, out var isIntact) || (uint)frame.Call >= calls.Count)
        {
            return false;
        }

        var call = calls[frame.Call];
        call.ToModel.Arrives(frame.Number, isIntact, arrived);
        WriteDelta(audio);
        (track, number) = (call.ToCaller, frame.Number);
        return true;
    }

    private async Task AnswerAsync(string? type, CancellationToken cancellationToken)
    {
        switch (type)
        {
            case "session.update":
                await SendAsync("""{"type":"session.updated","event_id":"event_2","session":{"type":"realtime","object":"realtime.session","id":"sess_1"}}""", cancellationToken);
                break;

            case "response.create":
                await SendAsync("""{"type":"response.created","event_id":"event_3","response":{"object":"realtime.response","id":"resp_1","status":"in_progress"}}""", cancellationToken);
                for (var i = 0; i < GreetingDeltas; i++)
                {
                    WriteDelta(Greeting);
                    await _writer.FlushAsync(cancellationToken);
                }

                break;
        }
    }

    private void WriteDelta(ReadOnlySpan<byte> base64)
    {
        var output = _writer.Buffer;
        output.Write("""{"type":"response.output_audio.delta","event_id":"event_4","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":"""u8);
        output.Write("\""u8);
        output.Write(base64);
        output.Write("\"}"u8);
    }

    private ValueTask SendAsync(string json, CancellationToken cancellationToken)
    {
        Encoding.UTF8.GetBytes(json, _writer.Buffer);
        return _writer.FlushAsync(cancellationToken);
    }
}
