using System.Reflection;
using System.Text.RegularExpressions;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests;

/// <summary>docs/security.md names tests that exist and prove what it says, and all that prove something.</summary>
public sealed partial class SecurityPageTests
{
    private static readonly DirectoryInfo Root = SourceCopy.FindRoot();

    private static readonly Type[] Types = typeof(SecurityPageTests).Assembly.GetTypes();

    private static IReadOnlyList<(string Row, string Test)> Named { get; } =
    [
        .. from line in File.ReadLines(Path.Combine(Root.FullName, "docs", "security.md"))
           let row = Row().Match(line)
           where row.Success
           from test in Test().Matches(line[(line.TrimEnd(' ', '|').LastIndexOf('|') + 1)..])
           select (row.Groups[1].Value, test.Groups[1].Value),
    ];

    public static TheoryData<string, string> All => [.. Named];

    [Theory]
    [MemberData(nameof(All))]
    public void Test_IsThere_AndProvesItsRow(string row, string test) => Assert.Contains(row, test.EndsWith(".js", StringComparison.Ordinal) ? ProvenInNode(test) : Proven(test));

    [Fact]
    public void Row_IsThere_OfEveryTestThatProvesOne() => Assert.Empty(
        Types.SelectMany(type => type.GetMembers().Prepend(type)).SelectMany(Proven).Where(row => row.StartsWith("T-", StringComparison.Ordinal))
            .Except(Named.Select(named => named.Row)));

    private static IEnumerable<string> Proven(string test)
    {
        var (name, method) = (test.Split('.')[0], test.Split('.')[1]);
        var members = Types.Where(type => type.Name.Split('`')[0] == name).Select(type => type.GetMethod(method)).OfType<MethodInfo>().ToList();
        // Those of the AppHost build only where its packages are.
        return members.Count > 0 ? members.SelectMany(member => Proven(member).Concat(Proven(member.DeclaringType!))) : ProvenInAppHost(name, method);
    }

    private static IEnumerable<string> Proven(MemberInfo member) =>
        member.GetCustomAttributes<TraitAttribute>().Where(trait => trait.Name == "Proves").Select(trait => trait.Value);

    private static IEnumerable<string> ProvenInAppHost(string name, string method)
    {
        var source = File.ReadAllText(Path.Combine(Root.FullName, "VoiceAssistant.AppHost.Tests", name + ".cs"));
        return Trait().Matches(source).Where(trait => source.AsSpan(trait.Index).IndexOf("async Task") is var at && source.AsSpan(trait.Index + at).StartsWith($"async Task {method}("))
            .Select(trait => trait.Groups[1].Value);
    }

    private static IEnumerable<string> ProvenInNode(string test) =>
        NodeTest().Matches(File.ReadAllText(Path.Combine(Root.FullName, "twilio", "test", test))).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^\| (T-[A-Z][0-9]+) \|")]
    private static partial Regex Row();

    [GeneratedRegex("`([A-Za-z0-9_.-]+)`")]
    private static partial Regex Test();

    [GeneratedRegex(@"Trait\(""Proves"", ""(T-[A-Z][0-9]+)""\)")]
    private static partial Regex Trait();

    [GeneratedRegex(@"test\([`'](T-[A-Z][0-9]+) ")]
    private static partial Regex NodeTest();
}
