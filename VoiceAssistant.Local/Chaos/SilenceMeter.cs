namespace VoiceAssistant.Local.Chaos;

/// <summary>Finds, on a call's tape, the silences that nothing explains, and the turns that were lost.</summary>
/// <remarks>
/// A silence is unexplained while the caller hears neither words nor an earcon and the assistant owes them something: the first words, from dialling
/// on; an answer, from the end of the question until all of one was heard; the rest of what was cut off; a stream, from the end of the one before.
/// Whatever is heard, or said by the caller, begins the count anew, an earcon too, which leaves the debt as it is. Left out is only the time in
/// which an injected fault keeps everything from this caller's ear (a black hole or a drip on their own way to the bridge), and not a moment after.
/// What cannot be heard from outside is not counted: whether the words made sense.
/// </remarks>
internal static class SilenceMeter
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public static IEnumerable<Silence> Silences(CallTape tape, IReadOnlyList<(TimeSpan From, TimeSpan To)> deaf)
    {
        var owesWords = false;
        var owesStream = false;
        var since = TimeSpan.Zero;
        foreach (var one in tape.Events)
        {
            // A silence goes on through whatever else happens.
            var isOver = one.What is not (Happening.StreamEnded or Happening.Connected) || (one.What is Happening.Connected && !owesWords);
            if ((owesWords || owesStream) && isOver)
            {
                foreach (var silence in Hearable(since, one.From, deaf))
                {
                    yield return silence;
                }
            }

            var begins = !owesWords && !owesStream;
            switch (one.What)
            {
                case Happening.Dialled or Happening.Question:
                    owesWords = true;
                    begins = true;
                    break;
                case Happening.Fragment:
                    owesWords = true;
                    begins = true;
                    break;
                case Happening.Words:
                    owesWords = false;
                    begins = true;
                    break;
                case Happening.Earcon or Happening.Announcement:
                    begins = true;
                    break;
                case Happening.StreamEnded:
                    owesStream = true;
                    break;
                case Happening.Connected:
                    owesStream = false;
                    break;
                case Happening.Ended:
                    yield break;
            }

            // The later end counts, where the caller talked into what was said to them.
            since = begins ? (one.To > since ? one.To : since) : since;
        }
    }

    /// <returns>How many questions had no answer when the caller asked again, or gave up waiting.</returns>
    public static int LostTurns(CallTape tape)
    {
        var lost = 0;
        TimeSpan? asked = null;
        foreach (var one in tape.Events)
        {
            switch (one.What)
            {
                case Happening.Question:
                    lost += asked is null ? 0 : 1;
                    asked = one.To;
                    break;
                case Happening.Words or Happening.Fragment when one.To > asked:
                    asked = null;
                    break;
                case Happening.Announcement:
                    // The call did not last.
                    asked = null;
                    break;
                case Happening.Ended when one.From - asked > Longest:
                    lost++;
                    break;
            }
        }

        return lost;
    }

    private static IEnumerable<Silence> Hearable(TimeSpan from, TimeSpan to, IReadOnlyList<(TimeSpan From, TimeSpan To)> deaf)
    {
        foreach (var (deafFrom, deafTo) in deaf.Where(one => one.From < to && one.To > from).OrderBy(one => one.From))
        {
            if (deafFrom > from)
            {
                yield return new(from, deafFrom - from);
            }

            from = deafTo > from ? deafTo : from;
        }

        if (to > from)
        {
            yield return new(from, to - from);
        }
    }
}

internal readonly record struct Silence(TimeSpan At, TimeSpan Length);
