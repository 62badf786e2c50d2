namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>Which model answers, where, and how it should speak.</summary>
internal sealed record RealtimeOptions
{
    /// <summary>Empty with a managed identity and with a model on this machine.</summary>
    [ConfigurationKeyName("OPENAI_API_KEY")]
    public string ApiKey { get; init; } = "";

    /// <summary>Any endpoint that speaks OpenAI's Realtime protocol (GA).</summary>
    [ConfigurationKeyName("REALTIME_URL")]
    public string Url { get; init => field = OrDefault(value, field); } = "wss://api.openai.com/v1/realtime";

    /// <summary>The model, at Azure the deployment.</summary>
    [ConfigurationKeyName("REALTIME_MODEL")]
    public string Model { get; init => field = OrDefault(value, field); } = "gpt-realtime-2.1";

    /// <summary>bearer, api-key or entra; empty goes by the host.</summary>
    [ConfigurationKeyName("REALTIME_AUTH")]
    public string Auth { get; init; } = "";

    /// <summary>JSON merged into the session, for any field without a setting of its own.</summary>
    [ConfigurationKeyName("REALTIME_SESSION")]
    public string Session { get; init => field = OrDefault(value, field); } = "{}";

    [ConfigurationKeyName("SYSTEM_MESSAGE")]
    public string SystemMessage { get; init => field = OrDefault(value, field); } =
        "You are a friendly assistant on the phone. Keep your answers short, as in a conversation, and speak the caller's language.";

    [ConfigurationKeyName("VOICE")]
    public string Voice { get; init => field = OrDefault(value, field); } = "marin";

    /// <summary>What the assistant says first; empty waits for the caller.</summary>
    [ConfigurationKeyName("GREETING")]
    public string Greeting { get; init; } = "Hello, I am an AI assistant. How can I help you?";

    /// <summary>server_vad (an answer after a fixed silence) or semantic_vad (after what sounds like a finished thought).</summary>
    [ConfigurationKeyName("TURN_DETECTION")]
    public string TurnDetection { get; init => field = OrDefault(value, field); } = "server_vad";

    /// <summary>Milliseconds of silence that end the caller's turn, with server_vad.</summary>
    [ConfigurationKeyName("SILENCE_DURATION_MS")]
    public string SilenceDurationMs { get; init => field = OrDefault(value, field); } = "500";

    /// <summary>What a million tokens cost, where that is not what OpenAI asks for its models: see <see cref="ModelPrices.TryParse"/>.</summary>
    [ConfigurationKeyName("REALTIME_PRICES")]
    public string PricesText { get; init; } = "";

    /// <summary>Null where the setting is wrong.</summary>
    public ModelPrices? Prices => string.IsNullOrWhiteSpace(PricesText) ? ModelPrices.Of(Model) : ModelPrices.TryParse(PricesText);

    /// <summary>Writes down what the caller says, so that a new session can be told; empty: only what the assistant said is known.</summary>
    /// <remarks>
    /// gpt-4o-mini-transcribe and its kin end on 2027-02-26 (https://developers.openai.com/api/docs/deprecations). Of the two that follow them,
    /// gpt-live-transcribe refuses every turn detection (https://github.com/OpenWhispr/openwhispr/pull/2077), which a call cannot be without.
    /// </remarks>
    [ConfigurationKeyName("TRANSCRIPTION_MODEL")]
    public string TranscriptionModel { get; init; } = "gpt-transcribe";

    /// <summary>Minutes after which a call gets a new session unnoticed; the model ends each after an hour.</summary>
    [ConfigurationKeyName("SESSION_MINUTES")]
    public string SessionMinutes { get; init => field = OrDefault(value, field); } = "50";

    /// <summary>Connections to the model that are kept ready for the next calls.</summary>
    [ConfigurationKeyName("WARM_SESSIONS")]
    public string WarmSessions { get; init => field = OrDefault(value, field); } = "1";

    /// <summary>For old .env files: the GA interface has no temperature.</summary>
    [ConfigurationKeyName("TEMPERATURE")]
    public string Temperature { get; init; } = "";

    /// <summary>true lets what is said stand in traces, in Development only: see <see cref="MessageContent"/>.</summary>
    [ConfigurationKeyName("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT")]
    public string CaptureMessageContent { get; init; } = "";

    // A record prints its members, and one of these is a secret.
    public override string ToString() => nameof(RealtimeOptions);

    // A line NAME= in a .env file means: not set.
    private static string OrDefault(string value, string @default) => string.IsNullOrWhiteSpace(value) ? @default : value;
}
