namespace VoiceAssistant.AppHost;

/// <summary>What the dashboard says of each setting, in the words of docs/settings.md.</summary>
internal static class SettingDescriptions
{
    private static readonly Dictionary<string, string> Texts = new()
    {
        ["OPENAI_API_KEY"] = "Key of the OpenAI project. Empty: the offline assistant answers.",
        ["REALTIME_URL"] = "Another endpoint of the Realtime protocol, for example Azure OpenAI's. Empty: OpenAI.",
        ["REALTIME_MODEL"] = "The model that answers.",
        ["REALTIME_AUTH"] = "`bearer`, `api-key` or `entra` (a managed identity). Empty: by host.",
        ["REALTIME_SESSION"] = "JSON merged into the session, for every field without a setting of its own.",
        ["REALTIME_PRICES"] = "Dollars per million tokens, text then audio, each input/cached/output: `4/0.40/24,32/0.40/64`.",
        ["SYSTEM_MESSAGE"] = "What the assistant is told about itself.",
        ["VOICE"] = "How the assistant sounds.",
        ["GREETING"] = "What the assistant says first. `GREETING=` in .env: it waits for the caller.",
        ["TURN_DETECTION"] = "`server_vad`: a turn ends after silence; `semantic_vad`: after a finished thought.",
        ["SILENCE_DURATION_MS"] = "The silence that ends a turn, 100 to 5000 ms.",
        ["TRANSCRIPTION_MODEL"] = "Writes down what the caller says, so that the conversation survives a lost connection.",
        ["SESSION_MINUTES"] = "After which a call gets a new session with the model, unnoticed.",
        ["WARM_SESSIONS"] = "Connections to the model that are kept ready for the next calls.",
        ["TEMPERATURE"] = "Accepted from old .env files; it has no effect.",
        ["TWILIO_AUTH_TOKEN"] = "Validates Twilio's signatures; from the Twilio console, or one of this machine's own.",
        ["TWILIO_ACCOUNT_SID"] = "When set, calls of this account only.",
        ["TWILIO_API_URL"] = "Where Twilio's REST interface is, where it is not Twilio's own.",
        ["TWILIO_API_KEY_SID"] = "A restricted key (SK…) that may update calls, for those whose stream broke.",
        ["TWILIO_API_KEY_SECRET"] = "The secret of that key.",
        ["TWILIO_PHONE_NUMBER"] = "Which number *Point Twilio here* changes, where the account has several.",
        ["HANDSHAKE_SIGNATURE"] = "Twilio's signature of a stream's handshake: `Require`, `Log` or `Off`.",
        ["MAX_CALLS"] = "How many calls one bridge holds at once.",
        ["MAX_CALL_MINUTES"] = "How long a call may last, 2 to 240.",
        ["DRAIN_SECONDS"] = "How long a bridge that is to stop waits for its calls. 0: they end at once, with a goodbye.",
        ["MAX_CONCURRENT_CALLS"] = "Calls at one time over all bridges. 0: no limit.",
        ["MAX_CONCURRENT_CALLS_PER_CALLER"] = "Calls of one caller at one time. 0: no limit.",
        ["MAX_CALLS_PER_CALLER_PER_HOUR"] = "How often one caller may call within an hour. 0: no limit.",
        ["MAX_MINUTES_PER_DAY"] = "When a day's calls together have lasted so long, no more are answered. 0: no limit.",
        ["MAX_DOLLARS_PER_DAY"] = "When a day's calls together have cost so much, no more are answered. 0: no limit.",
        ["ALLOWED_NUMBERS"] = "Who may call: `+14155550100,client:alice,sip:bob@example.com,…`. Empty: the Function decides, and without it everybody may.",
        ["REQUIRE_FORWARDED_AT"] = "`false` where Twilio asks the webhook itself, without the Function.",
        ["CLOUDFLARE_TUNNEL_TOKEN"] = "Of a named tunnel, whose address is PUBLIC_URL. Empty: a quick tunnel.",
        ["PUBLIC_URL"] = "`https://host`, or `https://host/path`, under which Twilio reaches the services. Empty: the tunnel's.",
        ["STREAM_URL"] = "`wss://host/media-stream`, where the bridge has a host of its own.",
    };

    /// <exception cref="KeyNotFoundException">The setting has none, which is a mistake of ours.</exception>
    public static string Of(string name) => Texts[name];
}
