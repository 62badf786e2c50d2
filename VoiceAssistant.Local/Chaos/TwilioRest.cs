using System.Collections.Concurrent;
using System.Net;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Local.Chaos;

/// <summary>Twilio's REST interface, as far as the webhook uses it: tells a call that waits what to do.</summary>
internal sealed class TwilioRest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, PhoneCall> _calls = new();

    private TwilioRest()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/2010-04-01/Accounts/{account}/Calls/{call}.json", UpdateAsync);
    }

    /// <summary>What TWILIO_API_URL is to be.</summary>
    public string Url => _app.Urls.Single();

    public static async Task<TwilioRest> StartAsync(CancellationToken cancellationToken)
    {
        var rest = new TwilioRest();
        await rest._app.StartAsync(cancellationToken);
        return rest;
    }

    public void Add(PhoneCall call) => _calls[call.CallSid] = call;

    public void Remove(PhoneCall call) => _calls.TryRemove(call.CallSid, out _);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> UpdateAsync(HttpRequest request, string call)
    {
        var form = await request.ReadFormAsync();
        return _calls.TryGetValue(call, out var running) && Uri.TryCreate(form["Url"], UriKind.Absolute, out var url) && running.TryRedirect(url)
            ? Results.Ok()
            : Results.NotFound();
    }
}
