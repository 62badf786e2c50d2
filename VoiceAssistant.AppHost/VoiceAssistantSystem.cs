namespace VoiceAssistant.AppHost;

/// <summary>The system on one page: its settings, what runs, and what reaches what.</summary>
internal static class VoiceAssistantSystem
{
    /// <returns>The bridge, which holds the calls: whoever deploys the system says how it grows and how long it may take to stop.</returns>
    /// <exception cref="InvalidDataException">A setting of the AppHost's own, or .env, cannot be read; the message is for the reader.</exception>
    public static IResourceBuilder<ProjectResource> AddVoiceAssistant(this IDistributedApplicationBuilder builder)
    {
        builder.Configuration.AddDotEnv();
        var bridges = builder.Configuration.Count("MEDIABRIDGE_REPLICAS");

        // By the names that .env has them under; in the dashboard they are parameters. None is needed to start.
        var usesIdentity = builder.Configuration.Given("REALTIME_AUTH") is "entra";
        var openAiKey = builder.AddSetting("OPENAI_API_KEY", secret: true, ask: builder.ExecutionContext.IsPublishMode && !usesIdentity);
        var realtimeUrl = builder.AddSetting("REALTIME_URL");
        var realtimeModel = builder.AddSetting("REALTIME_MODEL");
        var assistant = builder.AddSettings(
            "REALTIME_AUTH", "REALTIME_SESSION", "SYSTEM_MESSAGE", "VOICE", "GREETING", "TURN_DETECTION", "SILENCE_DURATION_MS", "TEMPERATURE",
            "TRANSCRIPTION_MODEL", "SESSION_MINUTES", "WARM_SESSIONS", "REALTIME_PRICES");
        var authToken = builder.AddAuthToken("TWILIO_AUTH_TOKEN");
        var accountSid = builder.AddSetting("TWILIO_ACCOUNT_SID");
        var handshakeSignature = builder.AddSetting("HANDSHAKE_SIGNATURE");
        var callLimits = builder.AddSettings("MAX_CALLS", "MAX_CALL_MINUTES", "DRAIN_SECONDS");
        var budgets = builder.AddSettings(
            "MAX_CONCURRENT_CALLS", "MAX_CONCURRENT_CALLS_PER_CALLER", "MAX_CALLS_PER_CALLER_PER_HOUR", "MAX_MINUTES_PER_DAY", "MAX_DOLLARS_PER_DAY");
        var allowedNumbers = builder.AddSetting("ALLOWED_NUMBERS", secret: true);
        var requireForwardedAt = builder.AddSetting("REQUIRE_FORWARDED_AT");
        Setting[] twilioApi = [builder.AddSetting("TWILIO_API_URL"), builder.AddSetting("TWILIO_API_KEY_SID"), builder.AddSetting("TWILIO_API_KEY_SECRET", secret: true)];

        var redis = builder.AddRedis("redis");

        // Whom a request is forwarded for, the services find out themselves (ClientAddress), and believe fewer than Aspire would have them.
        var mediabridge = builder.AddProject<Projects.VoiceAssistant_MediaBridge>("mediabridge")
            .WithExternalHttpEndpoints()
            .DisableForwardedHeaders()
            .WithManagementPort()
            .WithHttpHealthCheck("/health", endpointName: "http")
            .WithReplicas(bridges)
            .WithReference(redis).WaitFor(redis)
            .WithSettings([openAiKey, realtimeUrl, realtimeModel, .. assistant, authToken, accountSid, handshakeSignature, .. callLimits])
            .WithDrainCommand();

        var webhook = builder.AddProject<Projects.VoiceAssistant_Webhook>("webhook")
            .WithExternalHttpEndpoints()
            .DisableForwardedHeaders()
            .WithManagementPort()
            .WithHttpHealthCheck("/health", endpointName: "http")
            .WithReference(redis).WaitFor(redis)
            .WithReference(mediabridge)
            .WithSettings([authToken, accountSid, allowedNumbers, requireForwardedAt, .. budgets, .. twilioApi]);

        if (builder.ExecutionContext.IsPublishMode)
        {
            webhook.KnowEachOthersAddress(mediabridge);
        }
        else
        {
            builder.ExplainMissingContainerRuntime(redis);
            mediabridge.ShowMessageContentIfAsked();

            var phone = builder.AddProject<Projects.VoiceAssistant_Local>("phone")
                .WithHttpEndpoint(port: 5103)
                .WithHttpHealthCheck("/health", endpointName: "http")
                .WithUrlForEndpoint("http", url => url.DisplayText = "Phone")
                .WithArgs("phone", "--webhook", webhook.GetEndpoint("http"), "--bridge", mediabridge.GetEndpoint("http"))
                .WithSettings(authToken, accountSid, allowedNumbers, realtimeUrl, realtimeModel)
                .WaitFor(webhook)
                .WaitFor(mediabridge)
                .ServeOfflineAssistant(new OfflineAssistant(openAiKey, realtimeUrl), mediabridge)
                .WithTestCallCommand();

            // A public address that is the user's own affair needs no tunnel. With a token it is the named tunnel's, else the quick tunnel has its own.
            var tunnelToken = builder.AddSetting("CLOUDFLARE_TUNNEL_TOKEN", secret: true);
            var isNamed = tunnelToken.Given is not (null or "");
            var publicUrl = builder.AddSetting("PUBLIC_URL", ask: isNamed);
            var streamUrl = builder.AddSetting("STREAM_URL");
            IResourceBuilder<ProjectResource>[] callable = [webhook, mediabridge, phone];

            if (publicUrl.Given is not (null or "") && !isNamed)
            {
                foreach (var service in callable)
                {
                    service.WithSettings(publicUrl, streamUrl);
                }
            }
            else
            {
                var tunnel = builder.AddCloudflareTunnel("cloudflared", webhook.GetEndpoint("http"), mediabridge.GetEndpoint("http"), isNamed ? (tunnelToken, publicUrl) : null)
                    .WithTwilioCommands(new TwilioSetup(accountSid, authToken, builder.AddSetting("TWILIO_PHONE_NUMBER", secret: true), requireForwardedAt), webhook);
                foreach (var service in callable)
                {
                    service.WithPublicAddress(tunnel);
                }
            }
        }

        return mediabridge;
    }
}
