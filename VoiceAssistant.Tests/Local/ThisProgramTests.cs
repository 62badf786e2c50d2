using VoiceAssistant.Local;

namespace VoiceAssistant.Tests.Local;

public sealed class ThisProgramTests
{
    [Theory]
    [InlineData("bin/VoiceAssistant.Local", true)]
    [InlineData("bin/VoiceAssistant.Local.exe", true)]
    [InlineData("bin/dotnet", false)]
    [InlineData("bin/dotnet.exe", false)]
    [InlineData("bin/VoiceAssistant", false)]
    [InlineData("VoiceAssistant.Local/dotnet", false)]
    public void Executable_IsKnown_ByItsName(string path, bool isIt) => Assert.Equal(isIt, ThisProgram.IsExecutableOf("VoiceAssistant.Local", path));
}
