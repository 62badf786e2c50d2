using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Local.Phone;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Local.Phone;

/// <summary>A call to a fake server, on a clock that the test moves.</summary>
internal sealed class DialledCall : IAsyncDisposable
{
    public const string AuthToken = "12345";
    public const string AccountSid = "AC0123456789abcdef0123456789abcdef";

    private readonly HttpClient _http = new();

    private DialledCall(FakeCallServer server)
    {
        Server = server;
        Call = new(new(server.Url + "/incoming-call", AuthToken, AccountSid, "+15550100001", "+15550100000"), Caller, _http, Time);
        Running = Call.RunAsync(CancellationToken.None);
    }

    public FakeCallServer Server { get; }

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));

    public FakeCaller Caller { get; } = new();

    public PhoneCall Call { get; }

    public Task<CallEnd> Running { get; }

    /// <summary>Dials a server that answers with this TwiML, and with the one of every other path.</summary>
    public static async Task<DialledCall> DialAsync(string twiml, params (string Path, string Twiml)[] others)
    {
        var server = await FakeCallServer.StartAsync();
        server.Answer("/incoming-call", twiml);
        foreach (var (path, other) in others)
        {
            server.Answer(path, other);
        }

        return new(server);
    }

    /// <summary>Dials a server that has been told what to answer.</summary>
    public static DialledCall Dial(FakeCallServer server) => new(server);

    public Task<CallEnd> EndAsync() => Running.WaitAsync(FakeCallServer.Patience);

    /// <summary>Lets one frame pass.</summary>
    public void Tick() => Time.Advance(Frame.Duration);

    public async ValueTask DisposeAsync()
    {
        Call.HangUp();
        await Server.DisposeAsync();
        await EndAsync();
        _http.Dispose();
    }
}
