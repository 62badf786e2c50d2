using System.Globalization;
using System.Xml.Linq;
using VoiceAssistant.Calls.WarmUps;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Calls.Tokens;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Webhook.WarmUps;

/// <summary>Twilio's requests about one call: it comes, its stream begins, it is over.</summary>
internal sealed class WebhookWarmUp : WarmUp
{
    public override Dictionary<string, string?> Settings(Uri url) => new()
    {
        // Asked for room, which is here as well.
        ["services:mediabridge:management:0"] = $"{url}",
    };

    public override void Add(WebApplicationBuilder builder)
    {
        builder.AddServiceDefaults();
        builder.AddCalls();
    }

    public override void Map(WebApplication app)
    {
        app.MapCalls();
        app.MapGet("/room", () => Results.Text("""{"room":1}""", "application/json"));
    }

    public override async Task CallAsync(WarmUpContext context, CancellationToken cancellationToken)
    {
        using var twilio = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = context.Url };
        var call = context.Call;
        KeyValuePair<string, string>[] fields =
        [
            new("CallSid", call.CallSid), new("AccountSid", call.AccountSid), new("From", call.From), new("To", call.To), new("Direction", "inbound"),
        ];

        var document = await AskAsync(
            CallEndpoints.IncomingCall, new("StirVerstat", call.Verstat!),
            new("VaForwardedAt", DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        // Twilio finds the token there; an apology has none.
        var token = XDocument.Parse(document).Descendants("Parameter").Single().Attribute("value")!.Value;
        await context.Services.GetRequiredService<StreamTokens>().ConsumeAsync(token, cancellationToken);
        await AskAsync(CallEndpoints.StreamStatus + "/1", new KeyValuePair<string, string>("StreamEvent", "stream-started"));
        await AskAsync(CallEndpoints.StreamEnded + "/1", new KeyValuePair<string, string>("CallStatus", "completed"));

        async Task<string> AskAsync(string path, params IEnumerable<KeyValuePair<string, string>> more)
        {
            var form = fields.Concat(more).ToList();
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(form) };
            request.Headers.Add(TwilioSignature.HeaderName, TwilioSignature.Compute(context.AuthToken, WarmUpContext.PublicUrl + path, form));
            using var response = await twilio.SendAsync(request, cancellationToken);
            return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken);
        }
    }
}
