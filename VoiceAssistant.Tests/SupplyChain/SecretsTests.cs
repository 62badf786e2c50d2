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

    // A record prints its members. A new one with a text in it says that it does not, or is added here because the text is nobody's secret:
    // a setting of few values, an id, a word of the model's side, the name of a clip.
    [Fact, Trait("Proves", "T-S1"), Trait("Proves", "T-T3")]
    public void Record_PrintsItself_WhereNoTextInItIsSecret() => Assert.Equal(
        [
            "CallEnds+End", "CallOptions", "Clip", "DrainOptions", "ManagementOptions", "RealtimeError", "RealtimeResponse", "RealtimeResponse+Details", "ResponseReport+Item",
            "ResponseReport+Part", "StreamOptions",
        ],
        Assemblies.Where(assembly => assembly != typeof(LocalOptions).Assembly).SelectMany(assembly => assembly.GetTypes())
            .Where(type => PrintsItself(type) && type.GetFields(Instance).Any(field => field.FieldType == typeof(string)))
            .Select(type => type.FullName!.Split('.')[^1]).Order(StringComparer.Ordinal));

    [Fact]
    public void Holders_AreFound() => Assert.Superset(
        new HashSet<string> { "TwilioOptions", "RedisOptions", "RealtimeOptions", "StreamStart", "PhoneLine" },
        Holders.Select(holder => holder.Data.Split('.')[^1]).ToHashSet());

    private static bool PrintsItself(Type type) => type.GetMethod(nameof(ToString), [])!.IsDefined(typeof(CompilerGeneratedAttribute));

    // Of the options every text counts: a URL or JSON may hold a secret, too. Only ports and choices, XText before they are read, cannot.
    private static bool IsSecret(FieldInfo field) =>
        field.FieldType == typeof(string) && !field.Name.EndsWith("Text>k__BackingField", StringComparison.Ordinal)
        && (field.DeclaringType!.Name.EndsWith("Options", StringComparison.Ordinal)
            || SecretNames.Any(name => field.Name.TrimStart('_', '<').StartsWith(name, StringComparison.OrdinalIgnoreCase)));
}
