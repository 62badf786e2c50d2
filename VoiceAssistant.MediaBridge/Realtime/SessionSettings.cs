using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>
/// What this process tells every session about how to listen and how to speak. A field that the model refuses, and that a conversation can do
/// without, is left out from then on.
/// </summary>
/// <remarks>
/// Thread-safe. A session whose settings are refused is replaced, not told again: by then it was asked for a greeting and has heard the caller,
/// both in the model's default format, and its voice may be fixed already (https://github.com/openai/openai-python/issues/2607).
/// </remarks>
internal sealed partial class SessionSettings(IOptions<RealtimeOptions> options, ILogger<SessionSettings> logger)
{
    // Beyond, the fields are not what is wrong.
    private const int MostLeftOut = 8;

    private readonly Lock _lock = new();
    private volatile State _state = new(SessionUpdate.Create(options.Value), leftOut: 0);

    /// <summary>The event as it goes out; another array as soon as a field is left out.</summary>
    public byte[] Update => _state.Utf8;

    /// <inheritdoc cref="SessionUpdate.TurnEnd"/>
    public TimeSpan TurnEnd => _state.TurnEnd;

    /// <param name="told">What the session was told: <see cref="Update"/> as it was then.</param>
    /// <param name="error">The event by which the model refuses that.</param>
    /// <returns>How the session is lost: for good, unless the next one is told less.</returns>
    /// <inheritdoc cref="SettingsRefusal.Read" path="/exception"/>
    public RealtimeException Refused(byte[] told, ReadOnlySpan<byte> error)
    {
        var refusal = SettingsRefusal.Read(error);
        if (refusal.IsModelsFault)
        {
            return new RealtimeException($"it answers the session's settings with an error ({refusal.Code})")
            {
                ErrorType = RealtimeError.TypeOf(refusal.Code),
                IsPermanent = RealtimeError.IsFatal(refusal.Code),
            };
        }

        RefusedField? leftOut;
        bool isRemedied;
        lock (_lock)
        {
            // Where another session was refused the same meanwhile, the next one is told less already.
            leftOut = told == _state.Utf8 && _state.LeftOut < MostLeftOut ? RefusedField.TryRemove(_state.Update, refusal.Field, refusal.BlamesTranscription) : null;
            if (leftOut is not null)
            {
                _state = new State(_state.Update, _state.LeftOut + 1);
            }

            isRemedied = told != _state.Utf8;
        }

        if (leftOut is not null)
        {
            LogLeftOut(leftOut.Setting(options.Value), refusal.Code, refusal.Field, leftOut.Consequence, refusal.Supported is "" ? "" : $" Supported are {refusal.Supported}.");
        }

        return new RealtimeException(
            $"it refuses the session's settings ({refusal.Code}{(refusal.Field is null ? "" : $", {refusal.Field}")}): look at VOICE, REALTIME_MODEL, TURN_DETECTION, TRANSCRIPTION_MODEL and REALTIME_SESSION")
        {
            ErrorType = "session_refused",
            IsRemedied = isRemedied,
            IsPermanent = !isRemedied,
        };
    }

    [LoggerMessage(1, LogLevel.Warning,
        "{Setting} is refused by the model ({Code}, {Field}) and left out from now on: {Consequence}.{Supported}", EventName = "SettingLeftOut")]
    private partial void LogLeftOut(string setting, string? code, string? field, string consequence, string supported);

    /// <param name="update">The event; whoever changes it makes a new state of it.</param>
    /// <param name="leftOut">How many fields are left out of it.</param>
    private sealed class State(JsonObject update, int leftOut)
    {
        public JsonObject Update => update;

        public int LeftOut => leftOut;

        public byte[] Utf8 { get; } = JsonSerializer.SerializeToUtf8Bytes(update);

        public TimeSpan TurnEnd { get; } = SessionUpdate.TurnEnd(update);
    }
}
