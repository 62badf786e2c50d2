using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.ServiceDefaults;

[Trait("Proves", "T-T3")]
public sealed class IndiscreetLoggersTests
{
    [Theory]
    [InlineData("Logging:LogLevel:Default")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel.BadRequests")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.*")]
    [InlineData("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics*")]
    [InlineData("Logging:VoiceAssistant.Tests.Fakes.LogRecorder:LogLevel:Default")]
    [InlineData("Logging:VoiceAssistant.Tests.Fakes.LogRecorder:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics")]
    public async Task Setting_BringsNoneBack(string setting)
    {
        await using var app = Build($"--{setting}=Trace");

        foreach (var category in (string[])["Microsoft.AspNetCore.Hosting.Diagnostics", "Microsoft.AspNetCore.Server.Kestrel.BadRequests"])
        {
            Assert.False(IsEnabled(app, category, LogLevel.Information));
            Assert.True(IsEnabled(app, category, LogLevel.Warning));
        }
    }

    [Fact]
    public async Task Settings_OfOtherLoggers_CountAsEver()
    {
        await using var app = Build("--Logging:LogLevel:Default=Debug", "--Logging:LogLevel:Microsoft.AspNetCore.Routing=Trace");

        Assert.Equal((false, true), (IsEnabled(app, "VoiceAssistant", LogLevel.Trace), IsEnabled(app, "VoiceAssistant", LogLevel.Debug)));
        Assert.Equal((false, true), (IsEnabled(app, "Microsoft.AspNetCore", LogLevel.Information), IsEnabled(app, "Microsoft.AspNetCore", LogLevel.Warning)));
        Assert.True(IsEnabled(app, "Microsoft.AspNetCore.Routing", LogLevel.Trace));
    }

    [Fact]
    public async Task Default_CountsAsEver_WithoutARule()
    {
        await using var app = Build("--Logging:LogLevel:Default=");

        Assert.Equal((false, true), (IsEnabled(app, "VoiceAssistant", LogLevel.Debug), IsEnabled(app, "VoiceAssistant", LogLevel.Information)));
    }

    private static WebApplication Build(params string[] settings)
    {
        var builder = WebApplication.CreateBuilder(settings);
        builder.Logging.ClearProviders().AddProvider(new LogRecorder());
        builder.AddServiceDefaults();
        return builder.Build();
    }

    private static bool IsEnabled(WebApplication app, string category, LogLevel level) =>
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(category).IsEnabled(level);
}
