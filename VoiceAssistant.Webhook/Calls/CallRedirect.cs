using System.Net;
using Microsoft.Extensions.Options;
using Twilio.Clients;
using Twilio.Exceptions;
using Twilio.Http;
using Twilio.Rest.Api.V2010.Account;
using VoiceAssistant.Calls;
using HttpClient = System.Net.Http.HttpClient;
using HttpMethod = Twilio.Http.HttpMethod;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Lets Twilio ask again what becomes of a call, whatever it is doing.</summary>
/// <remarks>https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource</remarks>
internal sealed class CallRedirect(HttpClient http, IOptions<TwilioApiOptions> api, IOptions<TwilioOptions> twilio)
{
    // Twilio's number for a resource that is not there, which a call in progress is.
    private const int NotFound = 20404;

    /// <returns>False if the call is over.</returns>
    /// <exception cref="HttpRequestException">Twilio cannot be reached, or refuses; the message names neither the account nor the call.</exception>
    public async Task<bool> RedirectAsync(string accountSid, string callSid, string url)
    {
        var (user, password) = api.Value is { KeySid: not "" } key ? (key.KeySid, key.KeySecret) : (accountSid, twilio.Value.AuthTokens[0]);
        // One for each request, as it keeps the answer: the exception has a status only where the answer has a body.
        var request = new SystemNetHttpClient(http);
        try
        {
            await CallResource.UpdateAsync(
                callSid, url: new Uri(url), method: HttpMethod.Post, client: new TwilioRestClient(user, password, accountSid, httpClient: request));
            return true;
        }
        catch (ApiConnectionException exception)
        {
            throw new HttpRequestException(exception.InnerException?.Message, exception);
        }
        catch (TwilioException exception)
        {
            return request.LastResponse.StatusCode switch
            {
                // It did as it was told, and what it says of the call is not read anyway.
                < HttpStatusCode.BadRequest => true,
                HttpStatusCode.NotFound => false,
                _ when exception is ApiException { Code: NotFound } => false,
                var status => throw new HttpRequestException($"Twilio answered {(int)status}", exception, status),
            };
        }
    }
}
