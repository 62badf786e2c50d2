using System.Reflection;
using System.Text.RegularExpressions;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests;

/// <summary>docs/reliability.md has every row of the failure table, with tests that exist and prove it, or the reason; and names that the code has.</summary>
public sealed partial class ReliabilityPageTests
{
    private const int Rows = 35;

    private static readonly DirectoryInfo Root = SourceCopy.FindRoot();

    private static readonly ILookup<string, Type> Types = typeof(ReliabilityPageTests).Assembly.GetTypes().ToLookup(type => type.Name.Split('`')[0]);

    private static readonly string Sources = string.Concat(
        Root.EnumerateDirectories("VoiceAssistant.*").Where(project => !project.Name.EndsWith("Tests", StringComparison.Ordinal))
            .SelectMany(project => project.EnumerateFiles("*.cs", SearchOption.AllDirectories)).Select(file => File.ReadAllText(file.FullName)));

    private static readonly IReadOnlyDictionary<int, (string Seen, string ShownBy)> Page =
        File.ReadLines(Path.Combine(Root.FullName, "docs", "reliability.md")).Select(line => Row().Match(line)).Where(row => row.Success)
            .ToDictionary(row => int.Parse(row.Groups["number"].Value), row => (row.Groups["seen"].Value, row.Groups["shown"].Value));

    public static TheoryData<int, string> Tests => [.. Page.SelectMany(row => Name().Matches(row.Value.ShownBy), (row, name) => (row.Key, name.Groups[1].Value))];

    public static TheoryData<string> Seen =>
        [.. Page.Values.SelectMany(row => Name().Matches(row.Seen)).Select(name => name.Groups[1].Value).Where(name => name is not "/health" and not "dotnet.gc.*").Distinct()];

    [Fact]
    public void Page_HasEveryRow() => Assert.Equal(Enumerable.Range(1, Rows), Page.Keys.Order());

    [Fact]
    public void Row_NamesTests_OrSaysWhyThereAreNone() => Assert.DoesNotContain(Page.Values, row => string.IsNullOrWhiteSpace(row.ShownBy));

    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_IsThere_AndProvesItsRow(int row, string test)
    {
        if (test.EndsWith(".js", StringComparison.Ordinal))
        {
            Assert.Contains("test('", File.ReadAllText(Path.Combine(Root.FullName, "twilio", "test", test)), StringComparison.Ordinal);
            return;
        }

        // Some names are there for each of the services.
        Assert.Contains($"R{row}", Types[test].SelectMany(Proven));
    }

    [Theory]
    [MemberData(nameof(Seen))]
    public void Name_IsInTheCode(string name) => Assert.Contains($"\"{name}\"", Sources, StringComparison.Ordinal);

    [Fact]
    public void Row_NamesTests_WhereSomeProveIt() => Assert.Empty(
        Types.SelectMany(types => types).SelectMany(Proven).Where(row => row.StartsWith('R')).Distinct()
            .Except(Page.Where(row => Name().IsMatch(row.Value.ShownBy)).Select(row => $"R{row.Key}")));

    private static IEnumerable<string> Proven(Type type) =>
        type.GetMethods().Prepend<MemberInfo>(type).SelectMany(member => member.GetCustomAttributes<TraitAttribute>()).Where(trait => trait.Name == "Proves").Select(trait => trait.Value);

    [GeneratedRegex(@"^\| F(?<number>[0-9]+) \|[^|]*\|[^|]*\|(?<seen>[^|]*)\|(?<shown>[^|]*)\|$")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();
}
