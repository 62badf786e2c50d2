using System.ComponentModel;
using System.Diagnostics;

namespace VoiceAssistant.Local;

internal static class Browser
{
    /// <summary>Opens a page in the user's browser, or says that it could not: the page is there all the same.</summary>
    public static void Open(string url)
    {
        try
        {
            // The system knows the browser; on Linux that is xdg-open.
            using var process = Process.Start(new ProcessStartInfo(url) { UseShellExecute = true });
        }
        catch (Win32Exception exception)
        {
            Console.Error.WriteLine($"No browser could be opened ({exception.Message}).");
        }
    }
}
