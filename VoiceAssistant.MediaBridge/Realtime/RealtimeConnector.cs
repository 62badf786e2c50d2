using System.Net.WebSockets;
using System.Text.Json;
using Azure.Core;
using Azure.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>Opens sessions with the model. What is the same for every call is made once.</summary>
internal sealed class RealtimeConnector(IOptions<RealtimeOptions> options, RealtimeMetrics metrics, TimeProvider time)
{
    // https://learn.microsoft.com/azure/ai-foundry/openai/how-to/realtime-audio-websockets
    private static readonly TokenRequestContext EntraScope = new(["https://cognitiveservices.azure.com/.default"]);

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly Uri _url = WithModel(options.Value.Url, options.Value.Model);
    private readonly byte[] _sessionUpdate = JsonSerializer.SerializeToUtf8Bytes(SessionUpdate.Create(options.Value));
    private readonly string _auth = options.Value.Auth is not "" ? options.Value.Auth : DefaultAuth(options.Value.Url);
    private readonly TokenCredential? _identity = options.Value.Auth is "entra" ? new DefaultAzureCredential() : null;

    /// <returns>A session that has been told how to listen and speak; the caller disposes it.</returns>
    /// <exception cref="RealtimeException">The model cannot be reached within 5 s, or refuses.</exception>
    public async Task<RealtimeSession> ConnectAsync(CancellationToken cancellationToken)
    {
        using var span = Tracing.Source.StartActivity("voice.model.connect");
        var started = time.GetTimestamp();
        var result = "cancelled";
        try
        {
            var session = await OpenAsync(cancellationToken);
            result = "ok";
            return session;
        }
        catch (RealtimeException exception)
        {
            result = exception.ErrorType;
            span.Fail(result);
            throw;
        }
        finally
        {
            metrics.Connected(time.GetElapsedTime(started), result);
            span?.SetTag("voice.model.connect.result", result);
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

    internal static string DefaultAuth(string url) =>
        new Uri(url).Host.EndsWith(".azure.com", StringComparison.OrdinalIgnoreCase) ? "api-key" : "bearer";

    private async Task<RealtimeSession> OpenAsync(CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);

        var socket = CreateSocket();
        try
        {
            await AuthenticateAsync(socket.Options, either.Token);

            await socket.ConnectAsync(_url, either.Token);

            // Events are handled in their order, so nothing waits for session.updated: it comes before the first audio, or an error does.
            await socket.SendAsync(_sessionUpdate, WebSocketMessageType.Text, endOfMessage: true, either.Token);
            return new RealtimeSession(socket, time);
        }
        catch (Exception exception) when (exception is WebSocketException or AuthenticationFailedException)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            throw exception is AuthenticationFailedException
                ? new RealtimeException("REALTIME_AUTH=entra got no token: does this identity exist, and may it use the resource?", exception) { ErrorType = "no_identity" }
                : RealtimeException.From(status, exception);
        }
        catch (OperationCanceledException exception)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new RealtimeException($"it did not answer within {ConnectTimeout.TotalSeconds} s", exception) { ErrorType = "timeout" };
        }
    }

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
