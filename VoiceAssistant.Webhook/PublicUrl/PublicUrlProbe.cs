using System.Net;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using VoiceAssistant.Calls;

namespace VoiceAssistant.Webhook.PublicUrl;

/// <summary>Asks PUBLIC_URL, the way that Twilio takes, who answers there.</summary>
internal sealed class PublicUrlProbe(IHttpClientFactory clients, IOptions<TwilioOptions> twilio, TimeProvider time)
{
    public const string Client = "public-url";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <returns>What was found there; null where it is this system.</returns>
    public async Task<string?> FindFaultAsync(CancellationToken cancellationToken)
    {
        // Not a call's, and there is one every half a minute.
        using var untraced = SuppressInstrumentationScope.Begin();
        using var timeout = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var client = clients.CreateClient(Client);
        var nonce = PublicUrlProof.CreateNonce();
        using var request = new HttpRequestMessage(HttpMethod.Get, twilio.Value.PublicUrl + "/health") { Headers = { { PublicUrlProof.NonceName, nonce } } };
        // Found anew each time: an address that leads elsewhere now may have good connections left.
        request.Headers.ConnectionClose = true;
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Judge(response, nonce);
        }
        catch (HttpRequestException exception)
        {
            return exception.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "its name is not known (DNS)",
                HttpRequestError.SecureConnectionError => "its certificate is not good",
                HttpRequestError.ConnectionError => "nobody takes connections there",
                _ => "there is no answer that can be read",
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"there was no answer within {Patience.TotalSeconds:0} s";
        }
    }

    // Also of one that is not ready, as another one may be.
    private string? Judge(HttpResponseMessage response, string nonce)
    {
        if (response.Headers.TryGetValues(PublicUrlProof.HeaderName, out var proofs) && PublicUrlProof.IsValid(twilio.Value.AuthTokens, nonce, string.Join(',', proofs)))
        {
            return null;
        }

        return response.StatusCode switch
        {
            HttpStatusCode.OK => "somebody else answers there, or a webhook with another TWILIO_AUTH_TOKEN",
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => $"it redirects ({(int)response.StatusCode}), which Twilio's signature does not survive",
            _ => $"the answer there is {(int)response.StatusCode}, and not this system's",
        };
    }
}
