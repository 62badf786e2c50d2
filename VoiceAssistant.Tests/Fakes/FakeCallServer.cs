using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Stands where a server stands that Twilio calls: answers requests as the test says, and accepts streams.</summary>
internal sealed class FakeCallServer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _answers = new();
    private readonly Channel<ReceivedRequest> _requests = Channel.CreateUnbounded<ReceivedRequest>();
    private readonly ConcurrentBag<FakeStream> _accepted = [];
    private readonly Channel<FakeStream> _streams = Channel.CreateUnbounded<FakeStream>();
    private readonly WebApplication _app;

    private FakeCallServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();

        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(ServeAsync);
    }

    public string Url => _app.Urls.Single();

    public static async Task<FakeCallServer> StartAsync()
    {
        var server = new FakeCallServer();
        await server._app.StartAsync();
        return server;
    }

    /// <summary>The TwiML of a path; {0} is the server's URL as ws://.</summary>
    public void Answer(string path, string twiml) => Answer(path, async context =>
    {
        context.Response.ContentType = "text/xml; charset=utf-8";
        await context.Response.WriteAsync(twiml.Replace("{ws}", "ws" + Url[4..], StringComparison.Ordinal));
    });

    public void Answer(string path, Func<HttpContext, Task> answer) => _answers[path] = answer;

    /// <summary>The next request that is not a stream's.</summary>
    public async Task<ReceivedRequest> RequestAsync() => await _requests.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public async Task<FakeStream> StreamAsync() => await _streams.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public async ValueTask DisposeAsync()
    {
        // Kestrel would wait for them.
        foreach (var stream in _accepted)
        {
            stream.Abort();
        }

        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (context.WebSockets.IsWebSocketRequest && !_answers.ContainsKey(path))
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var stream = new FakeStream(socket, context.Request.Headers["X-Twilio-Signature"].ToString(), [.. context.WebSockets.WebSocketRequestedProtocols]);
            _accepted.Add(stream);
            _streams.Writer.TryWrite(stream);
            await stream.Finished;
            return;
        }

        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : null;
        _requests.Writer.TryWrite(new(
            context.Request.Method,
            path,
            context.Request.QueryString.Value!,
            form?.ToDictionary(field => field.Key, field => field.Value.ToString()) ?? [],
            context.Request.Headers["X-Twilio-Signature"].ToString(),
            context.Request.Headers.Connection.ToString()));

        if (_answers.TryGetValue(path, out var answer))
        {
            await answer(context);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
    }
}

internal sealed record ReceivedRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Fields, string Signature, string Connection);
