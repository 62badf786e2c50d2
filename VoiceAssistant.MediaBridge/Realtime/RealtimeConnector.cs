using System.Globalization;
using System.Net.WebSockets;
using Azure.Core;
using Azure.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>Opens connections to the model. What is the same for every call is made once.</summary>
internal sealed class RealtimeConnector(
    IOptions<RealtimeOptions> options, SessionSettings settings, ModelHealth health, RealtimeMetrics metrics, TimeProvider time)
{
    /// <summary>Longer, and the connection is given up.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // https://learn.microsoft.com/azure/ai-foundry/openai/how-to/realtime-audio-websockets
    private static readonly TokenRequestContext EntraScope = new(["https://cognitiveservices.azure.com/.default"]);

    private readonly Uri _url = WithModel(options.Value.Url, options.Value.Model);
    private readonly string _auth = options.Value.Auth is not "" ? options.Value.Auth : DefaultAuth(options.Value.Url);
    private readonly TokenCredential? _identity = options.Value.Auth is "entra" ? new DefaultAzureCredential() : null;
    private readonly ModelPrices _prices = options.Value.Prices!;
    private int _open;

    /// <summary>Sessions that were opened here and have not been disposed.</summary>
    public int OpenSessions => Volatile.Read(ref _open);

    /// <param name="insist">Tries also where others wait: somebody is in the middle of a conversation.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A session that has been told how to listen and speak; the caller disposes it.</returns>
    /// <exception cref="RealtimeException">The model cannot be reached within 5 s, or refuses; or it did lately, and nobody tries now.</exception>
    public async Task<RealtimeSession> OpenAsync(bool insist, CancellationToken cancellationToken)
    {
        if (!health.TryEnter() && !insist)
        {
            throw new RealtimeException("the last attempts to reach it failed, so for some seconds there is none")
            {
                ErrorType = "circuit_open",
                RetryAfter = health.RetryIn,
            };
        }

        using var span = Tracing.Source.StartActivity("voice.model.connect");
        var started = time.GetTimestamp();
        var result = "cancelled";
        try
        {
            var session = await ConnectAsync(cancellationToken);
            await ConfigureAsync(session, cancellationToken);
            health.Succeeded();
            result = "ok";
            return session;
        }
        catch (RealtimeException exception)
        {
            health.Failed();
            result = exception.ErrorType;
            span.Fail(result);
            exception.RetryAfter = insist || exception.RetryAfter > health.RetryIn ? exception.RetryAfter : health.RetryIn;
            throw;
        }
        catch
        {
            health.Abandoned();
            throw;
        }
        finally
        {
            metrics.Connected(time.GetElapsedTime(started), result);
            span?.SetTag("voice.model.connect.result", result);
        }
    }

    private async Task<RealtimeSession> ConnectAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);

        var socket = CreateSocket();
        try
        {
            await AuthenticateAsync(socket.Options, either.Token);
            await socket.ConnectAsync(_url, either.Token);

            Interlocked.Increment(ref _open);
            return new RealtimeSession(socket, time, disposed: () => Interlocked.Decrement(ref _open)) { Prices = _prices };
        }
        catch (Exception exception) when (exception is WebSocketException or AuthenticationFailedException)
        {
            var (status, retryAfter) = (socket.HttpStatusCode, RetryAfter(socket));
            socket.Dispose();
            throw exception is AuthenticationFailedException
                ? new RealtimeException("REALTIME_AUTH=entra got no token: does this identity exist, and may it use the resource?", exception) { ErrorType = "no_identity" }
                : RealtimeException.From(status, retryAfter, exception);
        }
        catch (OperationCanceledException exception)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new RealtimeException($"it did not answer within {Timeout.TotalSeconds} s", exception) { ErrorType = "timeout" };
        }
    }

    // Events are handled in their order, so nothing waits for session.updated: it comes before the first audio, or an error does.
    private async Task ConfigureAsync(RealtimeSession session, CancellationToken cancellationToken)
    {
        try
        {
            await session.ConfigureAsync(settings, cancellationToken);
        }
        catch (Exception exception) when (RealtimeSession.IsGone(exception, cancellationToken))
        {
            await session.DisposeAsync();
            throw new RealtimeException("it closed the connection", exception) { ErrorType = "closed" };
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    internal static ClientWebSocket CreateSocket()
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = TimeSpan.FromSeconds(15);
        socket.Options.KeepAliveTimeout = TimeSpan.FromSeconds(10);
        return socket;
    }

    internal static string DefaultAuth(string url) => ModelTags.IsAzure(new Uri(url)) ? "api-key" : "bearer";

    private async ValueTask AuthenticateAsync(ClientWebSocketOptions socket, CancellationToken cancellationToken)
    {
        if (_identity is not null)
        {
            var token = await _identity.GetTokenAsync(EntraScope, cancellationToken);
            socket.SetRequestHeader("Authorization", $"Bearer {token.Token}");
        }
        else if (options.Value.ApiKey is "")
        {
            // A model on this machine: the options allow no key only there.
        }
        else if (_auth is "api-key")
        {
            socket.SetRequestHeader("api-key", options.Value.ApiKey);
        }
        else
        {
            socket.SetRequestHeader("Authorization", $"Bearer {options.Value.ApiKey}");
        }
    }

    // Seconds; a date would rely on two clocks.
    private static TimeSpan RetryAfter(ClientWebSocket socket) =>
        socket.HttpResponseHeaders?.TryGetValue("Retry-After", out var values) is true
            && int.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;

    private static Uri WithModel(string url, string model)
    {
        var builder = new UriBuilder(url);
        if (!QueryHelpers.ParseQuery(builder.Query).ContainsKey("model"))
        {
            builder.Query = QueryHelpers.AddQueryString(builder.Query, "model", model);
        }

        return builder.Uri;
    }
}
