using System.Threading.Channels;
using VoiceAssistant.Local;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Says what the test puts in, frame by frame, and keeps what it hears.</summary>
internal sealed class FakeCaller : ICaller
{
    private readonly Channel<PhoneEvent> _events = Channel.CreateUnbounded<PhoneEvent>();
    private readonly Channel<byte[]> _heard = Channel.CreateUnbounded<byte[]>();

    /// <summary>The byte that fills every frame it says.</summary>
    public byte Says { get; set; } = MuLaw.Silence;

    public void Speak(Span<byte> frame) => frame.Fill(Says);

    public void Hear(ReadOnlySpan<byte> frame) => _heard.Writer.TryWrite(frame.ToArray());

    public void Notice(PhoneEvent phoneEvent) => _events.Writer.TryWrite(phoneEvent);

    public async Task<byte[]> HearAsync() => await _heard.Reader.ReadAsync().AsTask().WaitAsync(FakeCallServer.Patience);

    /// <summary>What it has heard and nobody has waited for.</summary>
    public byte[] Heard()
    {
        var heard = new List<byte>();
        while (_heard.Reader.TryRead(out var frame))
        {
            heard.AddRange(frame);
        }

        return [.. heard];
    }

    /// <summary>The text of the next event, which must be of this kind.</summary>
    public async Task<string?> ExpectAsync(PhoneEventKind kind)
    {
        var phoneEvent = await _events.Reader.ReadAsync().AsTask().WaitAsync(FakeCallServer.Patience);
        Assert.Equal(kind, phoneEvent.Kind);
        return phoneEvent.Text;
    }

    /// <summary>The events that nobody has waited for.</summary>
    public IReadOnlyList<PhoneEvent> Events()
    {
        var events = new List<PhoneEvent>();
        while (_events.Reader.TryRead(out var phoneEvent))
        {
            events.Add(phoneEvent);
        }

        return events;
    }
}
