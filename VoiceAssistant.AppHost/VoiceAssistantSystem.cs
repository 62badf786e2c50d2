namespace VoiceAssistant.AppHost;

/// <summary>The system on one page: its settings, what runs, and what reaches what.</summary>
internal static class VoiceAssistantSystem
{
    /// <returns>The bridge, which holds the calls: whoever deploys the system says how it grows and how long it may take to stop.</returns>
    /// <exception cref="InvalidDataException">A setting of the AppHost's own, or .env, cannot be read; the message is for the reader.</exception>
    public static IResourceBuilder<ProjectResource> AddVoiceAssistant(this IDistributedApplicationBuilder builder)
    {
        var unknown = builder.Configuration.AddDotEnv();
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

        // Deployed, Redis is a container, whatever runs here.
        var containers = builder.ExecutionContext.IsPublishMode ? new(true, "") : ContainerRuntime.Find(builder.Configuration);
        IResourceBuilder<IResourceWithConnectionString> redis = containers.IsUsable ? builder.AddRedis("redis").WithoutTls() : builder.AddGarnet("redis", containers.Finding);

        // Whom a request is forwarded for, the services find out themselves (ClientAddress), and believe fewer than Aspire would have them.
        var mediabridge = builder.AddProject<Projects.VoiceAssistant_MediaBridge>("mediabridge")
            .WithExternalHttpEndpoints()
            .DisableForwardedHeaders()
            .WithManagementPort()
            .WithHttpHealthCheck("/health", endpointName: "http")
            .WithoutTls()
            .WithReplicas(bridges)
            .WithReference(redis).WaitFor(redis)
            .WithSettings([openAiKey, realtimeUrl, realtimeModel, .. assistant, authToken, accountSid, handshakeSignature, .. callLimits])
            .WithDrainCommand()
            .WithIconName("SoundWaveCircle")
            .WithHealthLink()
            .WithUrl("https://platform.openai.com/docs/guides/realtime", "OpenAI's docs");

        var webhook = builder.AddProject<Projects.VoiceAssistant_Webhook>("webhook")
            .WithExternalHttpEndpoints()
            .DisableForwardedHeaders()
            .WithManagementPort()
            .WithHttpHealthCheck("/health", endpointName: "http")
            .WithoutTls()
            .WithReference(redis).WaitFor(redis)
            .WithReference(mediabridge)
            .WithSettings([authToken, accountSid, allowedNumbers, requireForwardedAt, .. budgets, .. twilioApi])
            .WithIconName("CallInbound")
            .WithHealthLink()
            .WithUrl("https://www.twilio.com/docs/voice/twiml/stream", "Twilio's docs");

        if (builder.ExecutionContext.IsPublishMode)
        {
            webhook.KnowEachOthersAddress(mediabridge);
        }
        else
        {
            mediabridge.ShowMessageContentIfAsked();
            var phone = builder.AddPhone(webhook, mediabridge, new OfflineAssistant(openAiKey, realtimeUrl))
                .WithSettings(authToken, accountSid, allowedNumbers, realtimeUrl, realtimeModel);
            var twilio = new TwilioSetup(accountSid, authToken, builder.AddSetting("TWILIO_PHONE_NUMBER", secret: true), requireForwardedAt);
            builder.AddPublicAddress(webhook, mediabridge, phone, twilio, containers);
            unknown.TellAtStart(builder);
            foreach (var service in new[] { webhook, mediabridge, phone })
            {
                service.WithEnvironment(DotEnv.CheckedName, "true");
                service.RedactQueries();
            }

            if (containers.IsUsable)
            {
                builder.WatchContainerEngine();
            }

            builder.WatchServices();
            builder.CheckPorts();
        }

        return mediabridge;
    }

    private static IResourceBuilder<ProjectResource> AddPhone(
        this IDistributedApplicationBuilder builder, IResourceBuilder<ProjectResource> webhook, IResourceBuilder<ProjectResource> mediabridge, OfflineAssistant assistant)
    {
        var key = new PhoneKey();
        return builder.AddProject<Projects.VoiceAssistant_Local>("phone")
            .WithHttpEndpoint(port: 5103)
            .WithHttpHealthCheck("/health", endpointName: "http")
            .WithoutTls()
            .WithIconName("Phone")
            .WithUrlForEndpoint("http", url => (url.Url, url.DisplayText) = ($"{url.Url}/{key.Query}", "Phone"))
            .WithArgs("phone", "--webhook", webhook.GetEndpoint("http"), "--bridge", mediabridge.GetEndpoint("http"))
            .WithEnvironment(key.AddTo)
            .WaitFor(webhook)
            .WaitFor(mediabridge)
            .ServeOfflineAssistant(assistant, mediabridge)
            .WithTestCallCommand(key);
    }

    /// <summary>The host under which Twilio reaches the services: the user's own, else a tunnel's, else none but this machine's.</summary>
    private static void AddPublicAddress(
        this IDistributedApplicationBuilder builder,
        IResourceBuilder<ProjectResource> webhook,
        IResourceBuilder<ProjectResource> mediabridge,
        IResourceBuilder<ProjectResource> phone,
        TwilioSetup twilio,
        ContainerRuntime containers)
    {
        var tunnelToken = builder.AddSetting("CLOUDFLARE_TUNNEL_TOKEN", secret: true);
        var isNamed = tunnelToken.Given is not (null or "");
        var publicUrl = builder.AddSetting("PUBLIC_URL");
        if (isNamed && string.IsNullOrWhiteSpace(publicUrl.Given))
        {
            throw new InvalidDataException(
                "CLOUDFLARE_TUNNEL_TOKEN is set, but PUBLIC_URL is not; set it to the named tunnel's address, such as https://voice.example.com, or leave both out for a quick tunnel.");
        }

        var streamUrl = builder.AddSetting("STREAM_URL");
        IResourceBuilder<ProjectResource>[] callable = [webhook, mediabridge, phone];

        if (publicUrl.Given is not (null or "") && !isNamed)
        {
            foreach (var service in callable)
            {
                service.WithSettings(publicUrl, streamUrl);
            }

            webhook.WithUrl(publicUrl.Given, CloudflareTunnel.PublicAddressName);
            return;
        }

        var (toWebhook, toBridge) = (webhook.GetEndpoint("http"), mediabridge.GetEndpoint("http"));
        var named = isNamed ? new NamedTunnel(tunnelToken, publicUrl) : null;
        if (containers.IsUsable)
        {
            Use(builder.AddCloudflareTunnel("cloudflared", toWebhook, toBridge, named));
        }
        else if (CloudflareTunnel.FindProgram(builder.Configuration) is { } program)
        {
            Use(builder.AddCloudflareTunnelProgram("cloudflared", program, toWebhook, toBridge, named));
        }
        else
        {
            foreach (var service in callable)
            {
                service.WithEnvironment("PUBLIC_URL", toWebhook).WithEnvironment("STREAM_URL", "");
            }

            CloudflareTunnel.HowToGetIt(containers.Finding, isNamed).TellAtStart(builder);
        }

        void Use<T>(IResourceBuilder<T> tunnel) where T : IResource
        {
            tunnel.WithTwilioCommands(twilio, webhook);
            foreach (var service in callable)
            {
                service.WithPublicAddress((IResourceBuilder<IResource>)tunnel);
            }
        }
    }
}
