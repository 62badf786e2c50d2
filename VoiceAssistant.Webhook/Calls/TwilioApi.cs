using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Twilio's REST interface, as far as a lost call needs it.</summary>
/// <remarks>https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource</remarks>
internal sealed class TwilioApi(HttpClient http, IOptions<TwilioApiOptions> api, IOptions<TwilioOptions> twilio)
{
    // Twilio's number for a resource that is not there, which a call in progress is.
    private const int NotFound = 20404;

    /// <summary>Lets Twilio ask this URL what becomes of a call, whatever it is doing.</summary>
    /// <returns>False if the call is over.</returns>
    /// <exception cref="HttpRequestException">Twilio cannot be reached, or refuses.</exception>
    public async Task<bool> RedirectAsync(string accountSid, string callSid, string url)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"2010-04-01/Accounts/{accountSid}/Calls/{callSid}.json")
        {
            Content = new FormUrlEncodedContent([new("Url", url), new("Method", "POST")]),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Credentials(accountSid)) },
        };
        using var response = await http.SendAsync(request);
        if (response.IsSuccessStatusCode)
        {
            return true;
        }

        if (response.StatusCode is HttpStatusCode.NotFound || await ReadCodeAsync(response) is NotFound)
        {
            return false;
        }

        throw new HttpRequestException($"Twilio answered {(int)response.StatusCode}", inner: null, response.StatusCode);
    }

    private string Credentials(string accountSid)
    {
        var (user, password) = api.Value is { KeySid: not "" } key ? (key.KeySid, key.KeySecret) : (accountSid, twilio.Value.AuthTokens[0]);
        return Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
    }

    private static async Task<int?> ReadCodeAsync(HttpResponseMessage response)
    {
        try
        {
            using var body = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync());
            return body.RootElement.ValueKind is JsonValueKind.Object && body.RootElement.TryGetProperty("code", out var code) && code.TryGetInt32(out var number)
                ? number
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
