using System.ComponentModel;
using System.Diagnostics;

namespace VoiceAssistant.Local.Chaos;

/// <summary>A part of the system in a process of its own; what it says is kept in a file; killed in the end.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TextWriter _log;
    private readonly Action<string> _heard;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private ChildProcess(string name, Process process, string ready, string folder, Action<string> heard)
    {
        (Name, _process, _heard) = (name, process, heard);
        _log = TextWriter.Synchronized(new StreamWriter(Path.Combine(folder, $"{name}.log"), append: true) { AutoFlush = true });
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, ready), ReadAsync(process.StandardError, ready));
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public int Id => _process.Id;

    /// <summary>Whether it was told to go.</summary>
    public bool IsExpectedToExit { get; private set; }

    /// <param name="name">Of its log file.</param>
    /// <param name="start">The program.</param>
    /// <param name="ready">What it says when it can be used.</param>
    /// <param name="folder">Of its log file.</param>
    /// <param name="heard">Gets each line that it says.</param>
    /// <param name="cancellationToken">Gives up waiting for it.</param>
    /// <exception cref="InvalidDataException">It did not start.</exception>
    public static async Task<ChildProcess> StartAsync(
        string name, ProcessStartInfo start, string ready, string folder, Action<string> heard, CancellationToken cancellationToken)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var child = new ChildProcess(name, Process.Start(start)!, ready, folder, heard);
        try
        {
            await Task.WhenAny(child._ready.Task, child._reading).WaitAsync(StartTimeout, cancellationToken);
            return child._ready.Task.IsCompleted ? child : throw new InvalidDataException($"{name} did not start: see {folder}/{name}.log.");
        }
        catch (Exception exception)
        {
            await child.DisposeAsync();
            throw exception is TimeoutException ? new InvalidDataException($"{name} did not start within {StartTimeout.TotalSeconds:0} s: see {folder}/{name}.log.") : exception;
        }
    }

    /// <summary>As kill -9 does.</summary>
    public async Task KillAsync()
    {
        IsExpectedToExit = true;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>TERM, STOP or CONT.</summary>
    public void Signal(string signal)
    {
        IsExpectedToExit |= signal is "TERM";
        try
        {
            using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
            kill.WaitForExit();
        }
        catch (Win32Exception exception)
        {
            throw new InvalidDataException($"There is no kill command on this system ({exception.Message}); run this on Linux or macOS.", exception);
        }
    }

    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        await _reading;
        await _log.DisposeAsync();
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader output, string ready)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            await _log.WriteLineAsync(line);
            _heard(line);
            if (line.Contains(ready, StringComparison.Ordinal))
            {
                _ready.TrySetResult();
            }
        }
    }
}
