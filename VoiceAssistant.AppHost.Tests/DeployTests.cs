using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using k8s;
using k8s.Models;
using VoiceAssistant.Tests.Fakes;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>deploy/ says the same as the model: what is public, who gets which setting, how long a bridge may take.</summary>
public sealed partial class DeployTests
{
    private static readonly DirectoryInfo Root = FindRoot();

    // How the parts find each other, and the operator's; not settings of the assistant.
    private static readonly string[] Plumbing = ["HTTP_PORTS", "MANAGEMENT_PORT", "ConnectionStrings__redis", "PUBLIC_URL", "STREAM_URL"];

    [Fact]
    [Trait("Proves", "T-S4")]
    public async Task PublicPaths_AreTheTunnels_WhereverItIsDeployed()
    {
        var tunnel = TunnelRule().Matches(CloudflareTunnel.Rules("webhook", "mediabridge")).Select(rule => (new Regex(rule.Groups[1].Value), rule.Groups[2].Value)).ToList();
        var caddy = CaddyRule().Matches(await File.ReadAllTextAsync(PathOf("Caddyfile"), TestTimeout.Token)).Select(rule => (new Regex(rule.Groups[1].Value), rule.Groups[2].Value)).ToList();
        var ingress = Kubernetes<V1Ingress>().Spec.Rules.Single().Http.Paths;
        Assert.All(ingress, path => Assert.Equal("Exact", path.PathType));

        var digits = Enumerable.Range(0, 12);
        string[] paths =
        [
            "/media-stream", "/incoming-call", "/health", "/alive",
            .. digits.SelectMany(digit => new[] { $"/stream-ended/{digit}", $"/stream-ended/{digit}/rescue", $"/stream-status/{digit}", $"/stream-status/{digit}/rescue" }),
            "/", "/drain", "/room", "/metrics", "/Media-Stream", "/media-stream/", "/media-stream/x", "/x/media-stream", "/incoming-call/", "/stream-ended", "/stream-ended/", "/healthz",
            .. ingress.Select(path => path.Path),
        ];

        Assert.Equal(2, tunnel.Count);
        Assert.All(paths, path =>
        {
            var expected = Target(tunnel, path);
            Assert.Equal((path, expected), (path, Target(caddy, path)));
            Assert.Equal((path, expected), (path, ingress.FirstOrDefault(rule => rule.Path == path)?.Backend.Service.Name));
        });
        Assert.Equal(["http"], ingress.Select(path => path.Backend.Service.Port.Name).Distinct());

        static string? Target(List<(Regex Path, string Service)> rules, string path) => rules.FirstOrDefault(rule => rule.Path.IsMatch(path)).Service;
    }

    [Theory]
    [InlineData("webhook")]
    [InlineData("mediabridge")]
    public async Task Settings_AreTheServicesOwn(string service)
    {
        var manifest = await PublishTests.PublishAsync([.. Table().Where(name => name != "MEDIABRIDGE_REPLICAS").Select(name => (name, "1"))]);
        var environment = manifest["resources"]![service]!["env"]!.AsObject();
        var settings = environment.Select(variable => variable.Key).Intersect(Table()).Except(Plumbing).Order().ToList();
        var secrets = settings.Where(name => IsSecret(manifest, (string)environment[name]!)).ToList();

        Assert.NotEmpty(secrets);
        foreach (var copy in Compose().Where(copy => copy.Key == service || copy.Key.StartsWith(service + "-", StringComparison.Ordinal)))
        {
            Assert.Equal(settings, Environment(copy.Value).Except(Plumbing).Where(IsSetting).Order());
        }

        // Of the others Kubernetes gives both services all: they do not look at what is not theirs.
        var container = Kubernetes<V1Deployment>(service).Spec.Template.Spec.Containers.Single();
        Assert.Equal(
            secrets, container.Env.Where(variable => variable.ValueFrom?.SecretKeyRef is not null).Select(variable => variable.ValueFrom.SecretKeyRef.Key).Except(["REDIS_PASSWORD"]).Order());
        Assert.Empty(Literals().Keys.Intersect(secrets));
    }

    [Fact]
    public void Names_AreKnown_WhereverTheyStand()
    {
        var known = Table().Concat(Name().Matches(File.ReadAllText(Path.Combine(Root.FullName, "docs", "deploy.md"))).Select(name => name.Groups[1].Value)).ToHashSet();

        var compose = Read("compose.yaml");
        Assert.Empty(Compose().Values.SelectMany(Environment).Concat(Variable().Matches(compose).Select(name => name.Groups[1].Value)).Where(IsSetting).Except(known));
        Assert.Empty(Literals().Keys.Concat(SecretNames()).Except(known));
        Assert.Empty(Kubernetes().OfType<V1Deployment>()
            .SelectMany(deployment => deployment.Spec.Template.Spec.Containers.Single().Env).Select(variable => variable.Name).Where(IsSetting).Except(known));
    }

    [Fact]
    public void Bridge_HasTheTimeThatItsCallsMayTake()
    {
        const int drain = 600;

        Assert.All(
            Compose().Where(service => service.Key.StartsWith("mediabridge", StringComparison.Ordinal)),
            service => Assert.True(int.Parse(((string)service.Value["stop_grace_period"]).TrimEnd('s'), CultureInfo.InvariantCulture) > drain));
        Assert.Equal($"{drain}", Literals()["DRAIN_SECONDS"]);
        var pod = Kubernetes<V1Deployment>("mediabridge").Spec.Template.Spec;
        Assert.True(pod.TerminationGracePeriodSeconds > drain + pod.Containers.Single().Lifecycle.PreStop.Sleep.Seconds);
    }

    [Fact]
    public void Containers_MayDoNothing_ThatTheyNeedNot()
    {
        Assert.All(Compose().Values, service =>
        {
            Assert.Equal("true", service["read_only"]);
            Assert.Equal(["ALL"], (List<object>)service["cap_drop"]);
            Assert.Equal(["no-new-privileges:true"], (List<object>)service["security_opt"]);
        });
        Assert.All(Kubernetes().Select(document => (document as V1Deployment)?.Spec.Template.Spec ?? (document as V1StatefulSet)?.Spec.Template.Spec).OfType<V1PodSpec>(), pod =>
        {
            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.False(pod.AutomountServiceAccountToken);
            var container = pod.Containers.Single().SecurityContext;
            Assert.True(container.ReadOnlyRootFilesystem);
            Assert.False(container.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.Capabilities.Drop);
        });
    }

    [Fact]
    public void RedisUsers_AreTheSame() =>
        Assert.Equal(File.ReadAllText(Path.Combine(Root.FullName, "redis", "users.acl")), Read("kubernetes/users.acl"));

    private static bool IsSetting(string name) => !Array.Exists(["services__", "OTEL_", "POD_"], prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsSecret(JsonNode manifest, string value) =>
        (bool?)manifest["resources"]![value.Split('{', '.')[1]]!["inputs"]?["value"]?["secret"] is true;

    private static List<string> Table() =>
        [.. File.ReadLines(Path.Combine(Root.FullName, "docs", "settings.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(line => Name().Matches(line.Split('|')[1])).Select(name => name.Groups[1].Value)];

    private static IEnumerable<string> SecretNames() =>
        File.ReadLines(PathOf("kubernetes/secret.env.example")).Where(line => line is not ("" or ['#', ..])).Select(line => line.Split('=')[0]);

    private static Dictionary<string, string> Literals() =>
        Literal().Matches(Read("kubernetes/kustomization.yaml")).ToDictionary(literal => literal.Groups[1].Value, literal => literal.Groups[2].Value);

    private static Dictionary<string, Dictionary<object, object>> Compose()
    {
        var file = new Deserializer().Deserialize<Dictionary<string, object>>(new MergingParser(new Parser(new StringReader(Read("compose.yaml")))));
        return ((Dictionary<object, object>)file["services"]).ToDictionary(service => (string)service.Key, service => (Dictionary<object, object>)service.Value);
    }

    private static IEnumerable<string> Environment(Dictionary<object, object> service) => service.TryGetValue("environment", out var variables) ? ((Dictionary<object, object>)variables).Keys.Cast<string>() : [];

    // Strict: a field that Kubernetes does not know is a fault.
    private static List<object> Kubernetes() =>
        [.. Directory.EnumerateFiles(PathOf("kubernetes"), "*.yaml").Where(file => Path.GetFileName(file) != "kustomization.yaml")
            .SelectMany(file => KubernetesYaml.LoadAllFromString(File.ReadAllText(file), strict: true))];

    private static T Kubernetes<T>(string? name = null)
        where T : IKubernetesObject<V1ObjectMeta> => Kubernetes().OfType<T>().Single(document => name is null || document.Metadata.Name == name);

    private static string Read(string file) => File.ReadAllText(PathOf(file));

    private static string PathOf(string file) => Path.Combine(Root.FullName, "deploy", file);

    private static DirectoryInfo FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "VoiceAssistant.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The solution is not above the tests.");
        }

        return folder;
    }

    [GeneratedRegex(@"- path: (\S+)\s+service: (\S+)")]
    private static partial Regex TunnelRule();

    [GeneratedRegex(@"path_regexp (\S+)\s+handle @\w+ \{[^}]*?reverse_proxy ([a-z]+)")]
    private static partial Regex CaddyRule();

    [GeneratedRegex("`([A-Za-z][A-Za-z0-9_]*)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?m)^ +- ([A-Z_]+)=(.*?)\r?$")]
    private static partial Regex Literal();

    [GeneratedRegex(@"(?<!\$)\$\{([A-Z_]+)")]
    private static partial Regex Variable();
}
