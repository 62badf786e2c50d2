using System.ComponentModel;
using System.Diagnostics;

namespace VoiceAssistant.Local;

internal static class Browser
{
    /// <summary>Opens a page in the user's browser, or asks the user to: the page is there all the same.</summary>
    /// <returns>Completes when that is known; a browser that this program itself runs may take until it is closed.</returns>
    public static async Task OpenAsync(string url, CancellationToken cancellationToken)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var shell = Process.Start(new ProcessStartInfo(url) { UseShellExecute = true });
                return;
            }

            // What it and the browser have to say would stand between the lines of the log.
            using var opener = Process.Start("/bin/sh", ["-c", "exec xdg-open \"$0\" > /dev/null 2>&1", url]);
            await opener.WaitForExitAsync(cancellationToken);
            if (opener.ExitCode == 0)
            {
                return;
            }
        }
        catch (Win32Exception)
        {
            // There is none.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await Console.Error.WriteLineAsync($"No browser could be opened: open {url} in one.");
    }
}
