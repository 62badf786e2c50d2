using Microsoft.Extensions.Options;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Sends to TWILIO_API_URL what Twilio's client sends to Twilio, as that takes no other address.</summary>
internal sealed class TwilioAddress(IOptions<TwilioApiOptions> api) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (api.Value.Url is not "")
        {
            request.RequestUri = new Uri(new Uri(api.Value.Url), request.RequestUri!.PathAndQuery);
        }

        return base.SendAsync(request, cancellationToken);
    }
}
