using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace VoiceAssistant.Calls;

/// <summary>Where the public address has a path, a proxy strips it from what it passes on, or does not.</summary>
public static class BasePaths
{
    /// <summary>Takes every request with the path and without it; what is signed is the whole address either way.</summary>
    /// <remarks>Before anything looks at a path. The settings are read past the options: here they are not validated yet, and one fault would hide all others.</remarks>
    public static void UseBasePaths(this WebApplication app)
    {
        foreach (var path in app.Configuration.Get<TwilioOptions>()?.BasePaths ?? [])
        {
            app.UsePathBase(path);
        }
    }
}
