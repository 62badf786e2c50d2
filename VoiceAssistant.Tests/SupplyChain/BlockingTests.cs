using System.Text.RegularExpressions;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.SupplyChain;

/// <summary>A thread that blocks on a task is missing to all calls. CA1849 says so only where one could await.</summary>
public sealed partial class BlockingTests
{
    [Fact, Trait("Proves", "R22")]
    public void Services_BlockNoThread()
    {
        var sources = SourceCopy.FindRoot().EnumerateDirectories("VoiceAssistant.*")
            .Where(project => project.Name is "VoiceAssistant.Calls" or "VoiceAssistant.MediaBridge" or "VoiceAssistant.ServiceDefaults" or "VoiceAssistant.Webhook")
            .SelectMany(project => project.EnumerateFiles("*.cs", SearchOption.AllDirectories))
            .ToList();

        Assert.True(sources.Count > 100);
        Assert.Empty(
            from source in sources
            from line in File.ReadLines(source.FullName)
            where Blocking().IsMatch(line)
            select $"{source.Name}: {line.Trim()}");
    }

    [Theory]
    [InlineData("var pump = opening.Result;")]
    [InlineData("return task.GetAwaiter().GetResult();")]
    [InlineData("task.Wait();")]
    [InlineData("task.Wait(timeout);")]
    [InlineData("Task.WaitAll(tasks);")]
    [InlineData("Task.WaitAny(a, b);")]
    [InlineData("Thread.Sleep(10);")]
    public void Blocking_IsSeen(string code) => Assert.Matches(Blocking(), code);

    [Theory]
    [InlineData("await task.WaitAsync(timeout, time);")]
    [InlineData("Task.FromResult(HealthCheckResult.Healthy())")]
    [InlineData("ValidateOptionsResult.Success")]
    public void Waiting_IsAllowed(string code) => Assert.DoesNotMatch(Blocking(), code);

    [GeneratedRegex(@"\.(Result|Wait|WaitAll|WaitAny|GetResult)\b|Thread\.Sleep\b")]
    private static partial Regex Blocking();
}
