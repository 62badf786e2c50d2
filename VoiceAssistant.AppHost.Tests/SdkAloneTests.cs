using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>The whole system on the real orchestrator, on a machine with nothing but the .NET SDK.</summary>
[Collection(nameof(Orchestrator))]
public sealed class SdkAloneTests(RunningSystem system) : IClassFixture<RunningSystem>
{
    [Fact]
    public async Task Resources_AreHealthy_WithoutContainersAndTunnel()
    {
        var resources = system.App.Services.GetRequiredService<DistributedApplicationModel>().Resources;

        Assert.DoesNotContain(resources, resource => resource is ContainerResource || resource.Name is "cloudflared");
        foreach (var name in RunningSystem.Resources)
        {
            await system.App.ResourceNotifications.WaitForResourceHealthyAsync(name, RunningSystem.Timeout);
        }
    }

    [Fact]
    public async Task TestCall_IsReportedAsATable_AndIsOneTraceFromThePhoneToTheTurns()
    {
        var timeout = RunningSystem.Timeout;

        var result = await system.App.ResourceCommands.ExecuteCommandAsync("phone", "test-call", timeout);

        Assert.True(result.Success, $"{result.Message} {result.Data?.Value}");
        Assert.Equal(CommandResultFormat.Markdown, result.Data!.Format);
        Assert.Contains("| end of speech to answer |", result.Data.Value, StringComparison.Ordinal);
        var traces = new Dictionary<string, HashSet<string>>();
        await foreach (var span in system.SpansAsync(timeout))
        {
            var trace = traces.TryGetValue(span.TraceId, out var known) ? known : traces[span.TraceId] = [];
            trace.Add($"{span.Service} {span.Name}");
            if (trace.IsSupersetOf(["webhook POST /incoming-call", "mediabridge voice.call", "mediabridge voice.turn"]) && trace.Any(name => name.StartsWith("phone ", StringComparison.Ordinal)))
            {
                return;
            }
        }

        Assert.Fail($"No trace has all of it: {string.Join("; ", traces.Values.Select(trace => string.Join(", ", trace)))}");
    }

    [Fact]
    public async Task Call_GoesOnAtTheOtherBridge_WhenItsOwnIsKilled()
    {
        var timeout = RunningSystem.Timeout;
        await using var handset = await Handset.CallAsync(system.Phone, timeout);
        await handset.WaitForSoundAsync(timeout);
        var itsOwn = await system.BridgeOfTheCallAsync(timeout);

        itsOwn.Kill();
        await handset.WaitForAsync("StreamEnded", timeout);
        await handset.WaitForAsync("Connected", timeout);
        await handset.SpeakAsync(await system.QuestionAsync(timeout), timeout);
        await handset.WaitForAnswersAsync(1, timeout);
        await handset.HangUpAsync(timeout);

        Assert.Equal("The caller hung up.", await handset.WaitForAsync("Ended", timeout));
        await system.App.ResourceCommands.ExecuteCommandAsync(itsOwn.Name, KnownResourceCommands.StartCommand, timeout);
        Assert.Equal(2, (await system.BridgesAsync(timeout)).Count);
    }

    [Fact]
    public async Task Drain_LetsACallGoOn_AndTakesNoOther()
    {
        var timeout = RunningSystem.Timeout;
        await using var handset = await Handset.CallAsync(system.Phone, timeout);
        await handset.WaitForSoundAsync(timeout);
        var bridge = await system.BridgeOfTheCallAsync(timeout);

        var result = await system.App.ResourceCommands.ExecuteCommandAsync(bridge.Name, "drain", timeout);

        Assert.True(result.Success, result.Message);
        Assert.Equal($"{bridge.Name} takes no new calls; 1 still run.", result.Message);
        Assert.Equal(0, (await system.RoomAsync(bridge, timeout)).Room);
        await handset.SpeakAsync(await system.QuestionAsync(timeout), timeout);
        await handset.WaitForAnswersAsync(1, timeout);
        await handset.HangUpAsync(timeout);
        Assert.Equal("The caller hung up.", await handset.WaitForAsync("Ended", timeout));

        await system.App.ResourceCommands.ExecuteCommandAsync(bridge.Name, KnownResourceCommands.RestartCommand, timeout);
        await system.BridgesAsync(timeout);
    }
}
