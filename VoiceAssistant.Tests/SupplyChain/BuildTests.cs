using System.Text;
using System.Text.RegularExpressions;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.SupplyChain;

/// <summary>What the build refuses, and what it must not take along.</summary>
public sealed partial class BuildTests
{
    [Fact, Trait("Proves", "T-S8")]
    public async Task Restore_Fails_WhereALockFileIsStale()
    {
        using var sources = SourceCopy.Create();
        var (exitCode, output) = await RestoreAsync();
        Assert.True(exitCode == 0, output);

        var packages = sources.PathOf("Directory.Packages.props");
        var pinned = File.ReadAllText(packages);
        File.WriteAllText(packages, RedisVersion().Replace(pinned, "${name}3.0.0\""));

        (exitCode, output) = await RestoreAsync();

        Assert.True(exitCode != 0, output);
        Assert.Contains("NU1004", output, StringComparison.Ordinal);

        Task<(int ExitCode, string Output)> RestoreAsync() => sources.DotnetAsync("restore VoiceAssistant.Calls", ("CI", "true"));
    }

    [Fact, Trait("Proves", "T-S6")]
    public async Task Build_Fails_WhereCodeIsUnsafe()
    {
        using var sources = SourceCopy.Create();
        File.WriteAllText(sources.PathOf("VoiceAssistant.Calls/Unsafe.cs"), """
            using System.Net;
            using System.Net.Security;
            using System.Security.Cryptography;

            namespace VoiceAssistant.Calls;

            internal static class Unsafe
            {
                public static RemoteCertificateValidationCallback TrustsAnyone() => new((_, _, _, _) => true);

                public static void SpeaksOneProtocol() => ServicePointManager.SecurityProtocol = SecurityProtocolType.Tls12;

                public static byte[] Weak() => SHA1.HashData([]);

                public static byte[] Broken() => MD5.HashData([]);

                public static async Task BlocksAsync()
                {
                    Thread.Sleep(1);
                    await Task.Yield();
                }
            }
            """);

        var (exitCode, output) = await sources.DotnetAsync("build VoiceAssistant.Calls -c Release");

        Assert.True(exitCode != 0, output);
        Assert.All(["CA5359", "CA5386", "CA5350", "CA5351", "CA1849"], rule => Assert.Contains($"error {rule}:", output, StringComparison.Ordinal));
    }

    [Fact, Trait("Proves", "T-S2")]
    public async Task Published_HoldNoSecret_ThatWasSetWhenTheyWereBuilt()
    {
        const string Secret = "s3cr3t-of-the-builder";
        (string, string)[] settings =
        [
            ("OPENAI_API_KEY", Secret), ("TWILIO_AUTH_TOKEN", Secret), ("ConnectionStrings__redis", $"host:6379,password={Secret}"), ("REALTIME_SESSION", Secret),
        ];
        using var sources = SourceCopy.Create();
        foreach (var folder in new[] { "", "VoiceAssistant.Webhook", "VoiceAssistant.MediaBridge" })
        {
            File.WriteAllLines(sources.PathOf(Path.Combine(folder, ".env")), settings.Select(setting => $"{setting.Item1}={setting.Item2}"));
        }

        foreach (var service in new[] { "VoiceAssistant.Webhook", "VoiceAssistant.MediaBridge" })
        {
            var (exitCode, output) = await sources.DotnetAsync($"publish {service} -c Release -o published/{service}", settings);

            Assert.True(exitCode == 0, output);
            var files = Directory.GetFiles(sources.PathOf($"published/{service}"), "*", SearchOption.AllDirectories);
            Assert.Contains(files, file => Path.GetFileName(file) == $"{service}.dll");
            Assert.DoesNotContain(files, file => Path.GetFileName(file).StartsWith(".env", StringComparison.Ordinal));
            Assert.DoesNotContain(files, file => Holds(file, Encoding.UTF8.GetBytes(Secret)) || Holds(file, Encoding.Unicode.GetBytes(Secret)));
        }
    }

    private static bool Holds(string file, ReadOnlySpan<byte> text) => File.ReadAllBytes(file).AsSpan().IndexOf(text) >= 0;

    [GeneratedRegex("(?<name>Include=\"StackExchange.Redis\" Version=\")[^\"]+\"")]
    private static partial Regex RedisVersion();
}
