using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace VoiceAssistant.Tests.Fakes;

/// <summary>Twilio's REST interface: keeps what it is told to do with calls.</summary>
internal sealed class FakeTwilioApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<bool> _arrivals = Channel.CreateUnbounded<bool>();
    private readonly List<Update> _requests = [];
    private (HttpStatusCode Status, string Body) _answer = (HttpStatusCode.OK, "{}");
    private Task _held = Task.CompletedTask;

    private FakeTwilioApi()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Run(AnswerAsync);
    }

    /// <summary>What becomes of a call that is to be redirected; false where there is none.</summary>
    public Func<Uri, bool>? Redirect { get; set; }

    public string Url => _app.Urls.Single();

    public IReadOnlyList<Update> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public static async Task<FakeTwilioApi> StartAsync()
    {
        var api = new FakeTwilioApi();
        await api._app.StartAsync(TestTimeout.Token);
        return api;
    }

    public void Answer(HttpStatusCode status, string body) => _answer = (status, body);

    /// <summary>Answers nothing until the result is disposed.</summary>
    public IDisposable HoldAnswers()
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _held = held.Task;
        return new Hold(held);
    }

    /// <returns>Completes when there were so many requests.</returns>
    public async Task ReceivedAsync(int count)
    {
        while (Requests.Count < count)
        {
            await _arrivals.Reader.ReadAsync(TestTimeout.Token);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        lock (_requests)
        {
            _requests.Add(new(context.Request.Path, body, context.Request.Headers.Authorization!));
        }

        _arrivals.Writer.TryWrite(true);
        await _held;
        if (Redirect?.Invoke(new Uri(QueryHelpers.ParseQuery(body)["Url"]!)) is false)
        {
            _answer = (HttpStatusCode.NotFound, "");
        }

        context.Response.StatusCode = (int)_answer.Status;
        await context.Response.WriteAsync(_answer.Body, context.RequestAborted);
    }

    private sealed class Hold(TaskCompletionSource held) : IDisposable
    {
        public void Dispose() => held.SetResult();
    }

    internal sealed record Update(string Path, string Body, string Authorization);
}
