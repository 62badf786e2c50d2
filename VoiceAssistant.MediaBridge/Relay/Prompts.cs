namespace VoiceAssistant.MediaBridge.Relay;

/// <summary>What the model is told that the caller did not say.</summary>
internal static class Prompts
{
    public const string AreYouThere =
        "The caller has said nothing for a minute. In one short sentence and in the language of the conversation, ask whether they are still there. "
        + "Do not greet and do not start a new topic.";

    public const string SayAloud =
        "Your last message was written, and the caller cannot read it: they have heard nothing. Say it aloud, in the same language.";

    public const string AnswerWasCut =
        "Your last message was too long and was cut off; the caller has heard it up to there. Say briefly what is missing, in the same language. Do not repeat any of it.";

    public const string AnswerWasFiltered =
        "Your last message was cut off, as it may not be said. In one short sentence and in the same language, say that you are sorry that you cannot go on with that, "
        + "and ask what else you can do for the caller.";

    /// <summary>The output of whatever tool the model calls.</summary>
    public const string NoSuchTool = """{"error":"There is no such tool. Answer the caller without it, or say that you cannot do this."}""";

    public static string Greet(string greeting) => $"Greet the caller. Say exactly this and nothing else: {greeting}";

    public static string KeyPressed(char key) => $"The caller pressed {key} on the keypad.";

    /// <param name="left">A round number of seconds.</param>
    public static string TimeIsShort(int left) =>
        $"The call ends by itself in about {left} seconds. Tell the caller so in one short sentence and in the language of the conversation. "
        + "If a question of yours is still open, repeat it briefly. Do not say goodbye yet.";

    /// <summary>For a session that goes on where another was lost; null where what was said speaks for itself.</summary>
    public static string? GoOn(OpenTurn open) => open switch
    {
        OpenTurn.RestOfAnswer =>
            "You were cut off in the middle of your last message, and the caller has heard it up to there. Go on from exactly there, in the same "
            + "language. Do not repeat any of it, do not greet, do not apologise. If nothing is missing, ask briefly whether there is anything else.",
        OpenTurn.Question =>
            "The line was broken for a moment, and you could not hear what the caller said last. In one short sentence and in the language of the "
            + "conversation, ask the caller to say it again. Do not greet.",
        OpenTurn.CutOff =>
            "The line was cut off without a warning, and the caller is back. In one short sentence and in the language of the conversation, say that you are "
            + "sorry and that you were cut off; then go on where the conversation was, and answer what the caller said last. Do not greet.",
        OpenTurn.None =>
            "The line was broken for a moment, and the caller was asked to wait. In a few words and in the language of the conversation, say that you "
            + "are there again. Do not greet and do not start a new topic.",
        _ => null,
    };
}
