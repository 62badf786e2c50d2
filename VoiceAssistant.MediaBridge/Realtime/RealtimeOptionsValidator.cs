using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

internal sealed class RealtimeOptionsValidator : IValidateOptions<RealtimeOptions>
{
    // A JsonObject fails on a name that stands there twice, but only when it is used.
    private static readonly JsonDocumentOptions NamesOnce = new() { AllowDuplicateProperties = false };

    public ValidateOptionsResult Validate(string? name, RealtimeOptions options)
    {
        var faults = new ValidateOptionsResultBuilder();

        if (!Uri.TryCreate(options.Url, UriKind.Absolute, out var url) || url.Scheme is not ("wss" or "ws"))
        {
            faults.AddError($"REALTIME_URL is '{WithoutSecrets(options.Url)}'; expected wss://host/path.");
        }
        else
        {
            if (url is { Scheme: "ws", IsLoopback: false })
            {
                faults.AddError($"REALTIME_URL is '{WithoutSecrets(options.Url)}', which is not encrypted; expected wss:// (ws:// is for this machine only).");
            }

            if (options.ApiKey is "" && !url.IsLoopback && options.Auth is not "entra")
            {
                faults.AddError("OPENAI_API_KEY is missing; expected a key of the service at REALTIME_URL, or REALTIME_AUTH=entra for a managed identity.");
            }
        }

        if (options.ApiKey.Any(character => !char.IsAscii(character) || char.IsControl(character) || character is ' '))
        {
            faults.AddError("OPENAI_API_KEY holds a blank or another character that no key has; was it cut or pasted with a line break?");
        }

        if (options.Auth is not ("" or "bearer" or "api-key" or "entra"))
        {
            faults.AddError($"REALTIME_AUTH is '{options.Auth}'; expected bearer, api-key, entra or nothing.");
        }

        if (options.TurnDetection is not ("server_vad" or "semantic_vad"))
        {
            faults.AddError($"TURN_DETECTION is '{options.TurnDetection}'; expected server_vad or semantic_vad.");
        }

        if (!int.TryParse(options.SilenceDurationMs, NumberStyles.None, CultureInfo.InvariantCulture, out var silence) || silence is < 100 or > 5000)
        {
            faults.AddError($"SILENCE_DURATION_MS is '{options.SilenceDurationMs}'; expected 100 to 5000 milliseconds.");
        }

        if (options.Prices is null)
        {
            faults.AddError($"REALTIME_PRICES is '{options.PricesText}'; expected dollars per million tokens, text then audio, each input/cached/output: 4/0.40/24,32/0.40/64.");
        }

        if (!int.TryParse(options.SessionMinutes, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) || minutes is < 1 or > 55)
        {
            faults.AddError($"SESSION_MINUTES is '{options.SessionMinutes}'; expected 1 to 55 (the model itself ends a session after 60).");
        }

        if (!int.TryParse(options.WarmSessions, NumberStyles.None, CultureInfo.InvariantCulture, out var warm) || warm > 20)
        {
            faults.AddError($"WARM_SESSIONS is '{options.WarmSessions}'; expected 0 to 20 connections.");
        }

        if (SessionFault(options.Session) is { } fault)
        {
            faults.AddError($"REALTIME_SESSION {fault}; expected a JSON object with fields of the session, e.g. {{\"reasoning\":{{\"effort\":\"low\"}}}}.");
        }

        return faults.Build();
    }

    // A query may hold a key, and what stands before an @ a password.
    private static string WithoutSecrets(string url) => url.Split('?')[0].Split('@')[^1];

    private static string? SessionFault(string json)
    {
        JsonObject? session;
        try
        {
            session = JsonNode.Parse(json, documentOptions: NamesOnce) as JsonObject;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            session = null;
        }

        if (session is null)
        {
            return "is not a JSON object";
        }

        if (session.ContainsKey("type") || session.ContainsKey("model"))
        {
            return "sets type or model, which have their own place";
        }

        // The audio is passed on without decoding, so both sides must speak the telephone's format.
        return session.TryGetPropertyValue("audio", out var audio) && (SetsFormat(audio, "input") || SetsFormat(audio, "output"))
            ? "sets or removes the audio format, which is always audio/pcmu here"
            : null;
    }

    // What is no object takes the place of ours, format and all.
    private static bool SetsFormat(JsonNode? audio, string side) =>
        audio is not JsonObject sides
        || (sides.TryGetPropertyValue(side, out var settings) && (settings is not JsonObject fields || fields.ContainsKey("format")));
}
