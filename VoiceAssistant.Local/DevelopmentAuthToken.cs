using System.Security.Cryptography;

namespace VoiceAssistant.Local;

/// <summary>
/// Stands where TWILIO_AUTH_TOKEN is not set: a secret of this user on this machine, so that the phone here can sign as Twilio does and a
/// stranger who reaches the port cannot.
/// </summary>
internal static class DevelopmentAuthToken
{
    public const string AccountSid = "AC00000000000000000000000000000000";

    public static string Get()
    {
        var folder = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "VoiceAssistant");
        var file = Path.Combine(folder, "development-auth-token");

        try
        {
            if (File.Exists(file) && File.ReadAllText(file) is { Length: 32 } known)
            {
                return known;
            }

            var token = RandomNumberGenerator.GetHexString(32, lowercase: true);
            Directory.CreateDirectory(folder);
            File.Delete(file);
            var thisUserOnly = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                // From the first byte on.
                thisUserOnly.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var writer = new StreamWriter(file, thisUserOnly);
            writer.Write(token);
            return token;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // No place to keep it: then it is good for this process, and `call --url` from another one needs TWILIO_AUTH_TOKEN.
            return RandomNumberGenerator.GetHexString(32, lowercase: true);
        }
    }
}
