namespace VoiceAssistant.Local.Fuzzing;

/// <summary>Ends the process when one input takes so long that no reader may: a loop cannot be cancelled.</summary>
internal sealed class HangWatch : IDisposable
{
    private readonly Fuzzer _fuzzer;
    private readonly IFuzzTarget _target;
    private readonly ITimer _timer;
    private long _seen;

    public HangWatch(Fuzzer fuzzer, IFuzzTarget target, TimeSpan patience, TimeProvider time)
    {
        (_fuzzer, _target) = (fuzzer, target);
        _timer = time.CreateTimer(_ => Look(), null, patience, patience);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (_fuzzer.Inputs == _seen)
        {
            Console.WriteLine(new Finding(_target.Name, _fuzzer.Seed, _seen, _fuzzer.Input, new FindingException("It hangs.")));
            Environment.Exit(1);
        }

        _seen = _fuzzer.Inputs;
    }
}
