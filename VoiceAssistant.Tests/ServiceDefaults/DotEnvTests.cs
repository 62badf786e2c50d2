using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace VoiceAssistant.Tests.ServiceDefaults;

public sealed class DotEnvTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("dotenv-");

    public DotEnvTests() => File.WriteAllText(Path.Combine(_root.FullName, "VoiceAssistant.sln"), "");

    private string EnvFile => Path.Combine(_root.FullName, ".env");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void File_IsFound_BesideTheSolution()
    {
        Write("VOICE=marin");

        Assert.Equal("marin", Load(_root.FullName)["VOICE"]);
        Assert.Equal("marin", Load(_root.CreateSubdirectory("VoiceAssistant.Webhook/bin/release").FullName)["VOICE"]);
        Assert.Equal("marin", Load(Path.GetTempPath(), _root.FullName)["VOICE"]);
    }

    [Fact]
    public void File_IsFound_BelowTheFirstSolutionOnly()
    {
        Write("VOICE=marin");
        var other = _root.CreateSubdirectory("other");
        File.WriteAllText(Path.Combine(other.FullName, "VoiceAssistant.sln"), "");

        Assert.Null(Load(other.FullName)["VOICE"]);
    }

    [Fact]
    public void Nothing_IsRead_WithoutAFileOrASolution()
    {
        Assert.Empty(Load(_root.FullName).Sources);
        Assert.Empty(Load(Path.GetTempPath()).Sources);
        Assert.Empty(Load().Sources);
    }

    [Theory]
    [InlineData("NAME=value", "value")]
    [InlineData("  NAME  =  value  ", "value")]
    [InlineData("NAME=", "")]
    [InlineData("NAME= ", "")]
    [InlineData("NAME=\"two words \"", "two words ")]
    [InlineData("NAME = 'two words ' ", "two words ")]
    [InlineData("NAME=\"\"", "")]
    [InlineData("NAME=\"'\"", "'")]
    [InlineData("NAME=a=b==", "a=b==")]
    [InlineData("NAME=a \"quoted\" word", "a \"quoted\" word")]
    [InlineData("NAME={\"reasoning\":{\"effort\":\"low\"}}", "{\"reasoning\":{\"effort\":\"low\"}}")]
    [InlineData("NAME='{\"a\":\"b\"}'", "{\"a\":\"b\"}")]
    [InlineData("NAME=https://host/#part", "https://host/#part")]
    [InlineData("NAME=#1", "#1")]
    [InlineData("NAME=value # why", "value")]
    [InlineData("NAME='value # 1' # why", "value # 1")]
    [InlineData("NAME= # why", "")]
    [InlineData("NAME=\"", "\"")]
    [InlineData("export NAME=value", "value")]
    [InlineData("name=value", "value")]
    [InlineData("NAME=ü", "ü")]
    public void Value_IsRead(string line, string expected)
    {
        Write("# a comment", "", "   ", "  # NAME=no", line);

        Assert.Equal(expected, Load(_root.FullName)["NAME"]);
    }

    [Theory]
    [InlineData("ConnectionStrings__redis=localhost:6379")]
    [InlineData("ConnectionStrings:redis=localhost:6379")]
    public void Name_HasSections_AsInTheEnvironment(string line)
    {
        Write(line);

        Assert.Equal("localhost:6379", Load(_root.FullName).GetConnectionString("redis"));
    }

    [Fact]
    public void File_IsRead_FromAnyEditor()
    {
        File.WriteAllText(EnvFile, "A=1\r\nB=2\r\n", new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        var settings = Load(_root.FullName);

        Assert.Equal(("1", "2"), (settings["A"], settings["B"]));
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("=secret")]
    [InlineData("two words=secret")]
    [InlineData("[secret]")]
    [InlineData("; secret")]
    [InlineData("// secret=")]
    [InlineData("1NAME=secret")]
    [InlineData("NAME:secret")]
    [InlineData("\"NAME\"=secret")]
    public void Fault_NamesFileAndLine_AndNotWhatStandsThere(string line)
    {
        Write("# first", "VOICE=marin", line);

        var fault = Assert.Throws<InvalidDataException>(() => Load(_root.FullName));

        Assert.StartsWith($"{EnvFile}, line 3,", fault.Message, StringComparison.Ordinal);
        Assert.Contains("expected NAME=value", fault.Message, StringComparison.Ordinal);
        // Not its stack trace, where the folder of the sources stands.
        Assert.DoesNotContain("secret", $"{fault.Message} {fault.InnerException}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NAME", "NAME")]
    [InlineData("NAME", "name")]
    [InlineData("A:B", "A__B")]
    public void Fault_NamesTheLine_WhereANameStandsAgain(string first, string second)
    {
        Write($"{first}=secret", "", $"{second}=secret");

        var fault = Assert.Throws<InvalidDataException>(() => Load(_root.FullName));

        Assert.Equal($"{EnvFile}, line 3, sets {second} again; expected each name once.", fault.Message);
    }

    [Fact]
    public void Fault_NamesTheFile_ThatCannotBeRead()
    {
        Write("VOICE=marin");
        using var locked = new FileStream(EnvFile, FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        var fault = Assert.Throws<InvalidDataException>(() => Load(_root.FullName));

        Assert.StartsWith($"{EnvFile} cannot be read", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_Wins_AndTheFileWinsOverWhatComesBefore()
    {
        Write("PATH=from the file", "VOICE=from the file", "GREETING=from the file");
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("VOICE", "from appsettings.json")]);
        configuration.AddEnvironmentVariables();
        configuration.AddInMemoryCollection([new("GREETING", "from the command line")]);

        configuration.AddDotEnv([_root.FullName]);

        Assert.Equal(Environment.GetEnvironmentVariable("PATH"), configuration["PATH"]);
        Assert.Equal("from the file", configuration["VOICE"]);
        Assert.Equal("from the command line", configuration["GREETING"]);
    }

    [Fact]
    public void File_StandsBeforeTheLastEnvironment_WhereHostsHaveSeveral()
    {
        Write("VOICE=from the file");
        using var configuration = new ConfigurationManager();
        configuration.Sources.Clear();
        configuration.AddEnvironmentVariables("DOTNET_");
        configuration.AddEnvironmentVariables();

        configuration.AddDotEnv([_root.FullName]);

        Assert.Collection(configuration.Sources,
            source => Assert.IsType<EnvironmentVariablesConfigurationSource>(source),
            source => Assert.IsNotType<EnvironmentVariablesConfigurationSource>(source),
            source => Assert.IsType<EnvironmentVariablesConfigurationSource>(source));
    }

    [Fact]
    public void Name_IsToldOf_WhereASettingIsLikeIt()
    {
        Write("# names", "VOICE=secret", "SYSTEM_MESAGE=secret", "", "export OPENAI_APIKEY='secret'");

        var unknown = Read();

        Assert.Equal(
            [$"{EnvFile}, line 3: SYSTEM_MESAGE is no setting; did you mean SYSTEM_MESSAGE?", $"{EnvFile}, line 5: OPENAI_APIKEY is no setting; did you mean OPENAI_API_KEY?"],
            unknown.Misspelt);
        Assert.Null(unknown.Others);
    }

    [Fact]
    public void Names_AreToldOfTogether_WhereNoSettingIsLikeThem()
    {
        Write("FOO=secret", "VOICE=secret", "Bar__Baz=secret");

        var unknown = Read();

        Assert.Empty(unknown.Misspelt);
        Assert.Equal($"{EnvFile} has names that nothing here reads: FOO, Bar__Baz.", unknown.Others);
    }

    [Fact]
    public void Name_IsAnotherPrograms_WhereTheSettingItIsLikeStandsThereToo()
    {
        Write("OPENAI_API_KEY=secret", "OPENAI_API_KEY2=secret");

        Assert.Equal($"{EnvFile} has names that nothing here reads: OPENAI_API_KEY2.", Read().Others);
    }

    // A key in base64 whose name was forgotten.
    [Theory]
    [InlineData("c2VjcmV0c2VjcmV0==")]
    [InlineData("FOO=")]
    public void Name_IsNotToldOf_WithNothingBehindIt(string line)
    {
        Write(line);

        var unknown = Read();

        Assert.Empty(unknown.Misspelt);
        Assert.Null(unknown.Others);
    }

    [Fact]
    public void Nothing_IsToldOf_WhereTheStarterHasSaidIt()
    {
        Write("SYSTEM_MESAGE=secret");

        Assert.Empty(Read((DotEnv.CheckedName, "true")).Misspelt);
    }

    private UnknownNames Read(params (string Name, string Value)[] environment)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection(environment.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        return configuration.AddDotEnv([_root.FullName]);
    }

    private void Write(params string[] lines) => File.WriteAllLines(EnvFile, lines);

    private static ConfigurationManager Load(params string[] folders)
    {
        var configuration = new ConfigurationManager();
        configuration.Sources.Clear();
        configuration.AddDotEnv(folders);
        return configuration;
    }
}
