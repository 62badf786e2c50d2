using VoiceAssistant.Local;
using VoiceAssistant.Local.OfflineAssistant;

namespace VoiceAssistant.Tests.Local.OfflineAssistant;

public sealed class ClipTests
{
    [Fact]
    public void Clips_AreWholeFramesOfASpokenLevel()
    {
        var assembly = typeof(Clip).Assembly;
        var names = assembly.GetManifestResourceNames().Where(name => name.EndsWith(".ulaw", StringComparison.Ordinal)).ToList();

        Assert.Equal(20, names.Count);
        Assert.All(names, name =>
        {
            using var resource = assembly.GetManifestResourceStream(name)!;
            var audio = new byte[resource.Length];
            resource.ReadExactly(audio);

            Assert.Equal(0, audio.Length % 160);
            Assert.InRange(10 * Math.Log10(MuLaw.MeanPower(audio)), -21, -17);
        });
    }
}
