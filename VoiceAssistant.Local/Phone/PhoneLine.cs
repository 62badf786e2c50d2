namespace VoiceAssistant.Local.Phone;

/// <summary>The account, the numbers and the address that a call is placed with: what Twilio knows from its console.</summary>
internal sealed record PhoneLine(string WebhookUrl, string AuthToken, string AccountSid, string From, string To)
{
    // A record prints its members; this one holds a secret and two numbers.
    public override string ToString() => WebhookUrl;
}
