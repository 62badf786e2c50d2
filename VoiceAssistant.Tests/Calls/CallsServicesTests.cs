using Microsoft.Extensions.Hosting;
using VoiceAssistant.Calls;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls;

public sealed class CallsServicesTests
{
    [Fact]
    public async Task Host_DoesNotStart_AndReportsAllFaultsAtOnce()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["TWILIO_ACCOUNT_SID"] = "x";
        builder.Configuration["PUBLIC_URL"] = "x";
        builder.Configuration["ConnectionStrings:redis"] = "localhost;password=secret";
        builder.AddCallState();
        using var host = builder.Build();

        var faults = await Assert.ThrowsAsync<AggregateException>(() => host.StartAsync(TestTimeout.Token));

        Assert.Equal(
            ["TWILIO_AUTH_TOKEN is missing", "TWILIO_ACCOUNT_SID is 'x'", "PUBLIC_URL is 'x'", "ConnectionStrings:redis cannot be read"],
            StartupFaults.Explain(faults)!.Select(fault => fault[..fault.IndexOfAny([';', ','])]));
    }

    [Fact]
    public void State_IsAddedOnce_WhereBothServicesAskForIt()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.AddCallState();
        var services = builder.Services.Count;

        builder.AddCallState();

        Assert.Equal(services, builder.Services.Count);
    }
}
