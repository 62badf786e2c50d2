using System.Reflection;
using System.Runtime.CompilerServices;
using VoiceAssistant.Calls;
using VoiceAssistant.Local;
using VoiceAssistant.MediaBridge.Streams;
using VoiceAssistant.Webhook.Calls;

namespace VoiceAssistant.Tests.SupplyChain;

/// <summary>What prints itself prints no secret: an options record in a log line, a stream in an exception.</summary>
public sealed class SecretsTests
{
    private const string Secret = "s3cr3t";

    private static readonly Assembly[] Assemblies =
    [
        typeof(TwilioOptions).Assembly, typeof(StartupFaults).Assembly, typeof(IncomingCall).Assembly, typeof(TwilioMessage).Assembly, typeof(LocalOptions).Assembly,
    ];

    // Everything that is called so, now or one day.
    private static readonly string[] SecretNames = ["AuthToken", "Token", "ApiKey", "Password", "ConnectionString", "Signature"];

    public static TheoryData<string> Holders =>
    [
        .. Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type is { IsAbstract: false, IsByRefLike: false, ContainsGenericParameters: false })
            .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute)) && type.GetFields(Instance).Any(IsSecret)).Select(type => type.FullName!),
    ];

    private static BindingFlags Instance => BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    [Theory, Trait("Proves", "T-S1")]
    [MemberData(nameof(Holders))]
    public void ToString_ShowsNoSecret(string name)
    {
        var type = Assemblies.Select(assembly => assembly.GetType(name)).First(found => found is not null)!;
        var holder = RuntimeHelpers.GetUninitializedObject(type);
        foreach (var field in type.GetFields(Instance).Where(IsSecret))
        {
            field.SetValue(holder, Secret);
        }

        Assert.DoesNotContain(Secret, $"{holder}", StringComparison.Ordinal);
    }

    [Fact]
    public void Holders_AreFound() => Assert.Superset(
        new HashSet<string> { "TwilioOptions", "RedisOptions", "RealtimeOptions", "StreamStart", "PhoneLine" },
        Holders.Select(holder => holder.Data.Split('.')[^1]).ToHashSet());

    // Of the options every text counts: a URL or JSON may hold a secret, too. Only ports and choices, XText before they are read, cannot.
    private static bool IsSecret(FieldInfo field) =>
        field.FieldType == typeof(string) && !field.Name.EndsWith("Text>k__BackingField", StringComparison.Ordinal)
        && (field.DeclaringType!.Name.EndsWith("Options", StringComparison.Ordinal)
            || SecretNames.Any(name => field.Name.TrimStart('_', '<').StartsWith(name, StringComparison.OrdinalIgnoreCase)));
}
