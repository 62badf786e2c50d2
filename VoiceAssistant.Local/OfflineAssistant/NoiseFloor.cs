namespace VoiceAssistant.Local.OfflineAssistant;

/// <summary>The line's own noise: the quietest window of the last five seconds, for nobody speaks that long without a pause.</summary>
internal sealed class NoiseFloor
{
    private const int WindowsPerBlock = 25;

    // What a line is taken for until it was heard for five seconds: -60 dB.
    private const double QuietLine = 1e-6;

    private readonly double[] _quietest = [.. Enumerable.Repeat(QuietLine, 10)];
    private int _windows;

    public double Power { get; private set; } = QuietLine;

    public void Add(double power)
    {
        var block = _windows / WindowsPerBlock;
        _quietest[block] = _windows % WindowsPerBlock == 0 ? power : Math.Min(_quietest[block], power);
        _windows = (_windows + 1) % (WindowsPerBlock * _quietest.Length);
        Power = _quietest.Min();
    }
}
