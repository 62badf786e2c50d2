using System.Globalization;
using VoiceAssistant.Local.Phone;

namespace VoiceAssistant.Local.Chaos;

/// <summary>A phone that is always in a call: when one ends, the next begins.</summary>
internal sealed class ChaosPhone(ChaosSystem system, int number, int seed, ReadOnlyMemory<byte> question, HttpClient http, TimeProvider time, long origin)
{
    // Some callers leave before anything has happened.
    private const double Hasty = 0.1;

    private const int CallsOfPhone = 10_000;

    // Numbers that are nobody's: https://en.wikipedia.org/wiki/555_(telephone_number).
    private const long FirstFrom = 15550100001;

    private readonly Lock _lock = new();
    private readonly List<ChaosCall> _calls = [];

    public IReadOnlyList<ChaosCall> Calls
    {
        get
        {
            lock (_lock)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Calls until cancelled, when the caller hangs up.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var call = 0; !cancellationToken.IsCancellationRequested; call++)
        {
            var random = new Random(unchecked((seed * CallsOfPhone) + (number * 1009) + call));
            await CallAsync(call, random, cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(random.NextDouble()), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CallAsync(int index, Random random, CancellationToken cancellationToken)
    {
        var from = string.Create(CultureInfo.InvariantCulture, $"+{FirstFrom + (number * CallsOfPhone) + index}");
        var line = system.LineOf(number, from, asksAfterLoss: random.Next(2) == 0);
        var length = TimeSpan.FromSeconds(random.NextDouble() < Hasty ? 3 * random.NextDouble() : 20 + (80 * random.NextDouble()));

        var tape = new CallTape(number, time, origin);
        var phone = new PhoneCall(line, new ChaosCaller(tape, question, random), http, time);
        var call = new ChaosCall(phone.CallSid, tape);
        lock (_lock)
        {
            _calls.Add(call);
        }

        system.Rest.Add(phone);
        using var patience = new CancellationTokenSource(length, time);
        using var hangUp = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        call.End = await phone.RunAsync(hangUp.Token);
        system.Rest.Remove(phone);
    }
}

/// <param name="Sid">Twilio's name for it.</param>
/// <param name="Tape">What happened on it.</param>
internal sealed record ChaosCall(string Sid, CallTape Tape)
{
    /// <summary>Null while it runs.</summary>
    public CallEnd? End { get; set; }

    public override string ToString() => $"{Sid}, phone {Tape.Phone}: {string.Join("; ", Tape.Events)}; {End?.Reason}";
}
