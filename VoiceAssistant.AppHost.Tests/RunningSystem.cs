using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>The system as `dotnet run` starts it with the SDK alone, dashboard included: no engine, no tunnel, two bridges.</summary>
public sealed class RunningSystem : IAsyncLifetime
{
    public static readonly string[] Resources = ["redis", "webhook", "mediabridge", "phone"];

    // Five processes start and are compiled while others use the machine, too.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private const int BridgeCount = 2;

    private readonly HttpClient _http = new();
    private IDistributedApplicationTestingBuilder? _builder;
    private DistributedApplication? _app;

    public static CancellationToken Timeout => new CancellationTokenSource(Patience).Token;

    public DistributedApplication App => _app!;

    public async ValueTask InitializeAsync()
    {
        _builder = await Model.CreateAsync(
            [],
            (options, _) => options.DisableDashboard = false,
            ("USE_CONTAINERS", "false"), ("PATH", ""), ("MEDIABRIDGE_REPLICAS", $"{BridgeCount}"));
        _app = await _builder.BuildAsync(Timeout);
        await _app.StartAsync(Timeout);
        foreach (var name in Resources)
        {
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(name, Timeout);
        }

        await WarmUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (_builder is not null)
        {
            await _builder.DisposeAsync();
        }
    }

    /// <summary>The replicas of the bridge, as soon as all take calls.</summary>
    public async Task<IReadOnlyList<Bridge>> BridgesAsync(CancellationToken cancellationToken)
    {
        var bridges = new Dictionary<string, Bridge>();
        await foreach (var seen in App.ResourceNotifications.WatchAsync(cancellationToken))
        {
            if (seen.Resource.Name is "mediabridge")
            {
                bridges[seen.ResourceId] = new(seen.ResourceId, seen.Snapshot);
                if (bridges.Count == BridgeCount && bridges.Values.All(bridge => bridge.IsRunning))
                {
                    break;
                }
            }
        }

        await Task.WhenAll(bridges.Values.Select(bridge => ListensAsync(bridge, cancellationToken)));
        return [.. bridges.Values];
    }

    /// <summary>The phone's page by the link that the dashboard has.</summary>
    public Uri Phone => App.ResourceNotifications.TryGetCurrentState("phone", out var phone)
        ? new(phone.Snapshot.Urls.Single(url => url.Name is "http").Url)
        : throw new InvalidOperationException("The phone has no link.");

    public async Task<byte[]> QuestionAsync(CancellationToken cancellationToken) =>
        await _http.GetByteArrayAsync(new UriBuilder(Phone) { Path = "/clips/question.ulaw" }.Uri, cancellationToken);

    /// <summary>The bridge that holds the only call.</summary>
    public async Task<Bridge> BridgeOfTheCallAsync(CancellationToken cancellationToken)
    {
        var bridges = await BridgesAsync(cancellationToken);
        var rooms = await Task.WhenAll(bridges.Select(bridge => RoomAsync(bridge, cancellationToken)));
        return bridges[Array.FindIndex(rooms, room => room.Calls == 1)];
    }

    /// <summary>How many calls it holds, and how many more it would take.</summary>
    public async Task<(int Calls, int Room)> RoomAsync(Bridge bridge, CancellationToken cancellationToken)
    {
        var room = (await _http.GetFromJsonAsync<JsonNode>($"http://localhost:{bridge.ManagementPort}/room", cancellationToken))!;
        return ((int)room["calls"]!, (int)room["room"]!);
    }

    /// <summary>The spans that the dashboard has been told of, and those that it is told of from now on.</summary>
    public async IAsyncEnumerable<Span> SpansAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Dashboard(), "/api/telemetry/spans?follow=true"));
        request.Headers.Add("X-API-Key", Model.Key);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            foreach (var resource in JsonNode.Parse(line)!["resourceSpans"]!.AsArray())
            {
                var service = resource!["resource"]!["attributes"]!.AsArray().Single(attribute => (string?)attribute!["key"] is "service.name")!["value"]!["stringValue"];
                foreach (var span in resource["scopeSpans"]!.AsArray().SelectMany(scope => scope!["spans"]!.AsArray()))
                {
                    yield return new((string)span!["traceId"]!, (string)service!, (string)span["name"]!);
                }
            }
        }
    }

    // Of processes that have just started, on a busy machine, the first caller may hear an apology: Redis is given 300 ms while everything is compiled.
    private async Task WarmUpAsync()
    {
        var answered = 0;
        for (var calls = 1; answered < BridgeCount; calls++)
        {
            Assert.True(calls <= 10, $"Of ten calls, {answered} were answered.");
            await using var handset = await Handset.CallAsync(Phone, Timeout);
            try
            {
                await handset.WaitForSoundAsync(Timeout);
                answered++;
                await handset.HangUpAsync(Timeout);
                await handset.WaitForAsync("Ended", Timeout);
            }
            catch (InvalidOperationException)
            {
                // Also a socket that is closed already: this was such a caller, who calls again.
            }
        }
    }

    // The orchestrator asks for the health of any replica, so a single one has to be asked itself.
    private async Task ListensAsync(Bridge bridge, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                using var response = await _http.GetAsync($"http://localhost:{bridge.ManagementPort}/health", cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It is still being started.
            }
        }
    }

    private Uri Dashboard() => new(App.Services.GetRequiredService<DistributedApplicationModel>().Resources
        .Single(resource => resource.Name == "aspire-dashboard")
        .Annotations.OfType<EndpointAnnotation>().First(endpoint => endpoint.Name is "http" or "https").AllocatedEndpoint!.UriString);
}

/// <summary>A replica, as it runs.</summary>
public sealed record Bridge(string Name, CustomResourceSnapshot Snapshot)
{
    private const string ManagementPortName = "MANAGEMENT_PORT";

    public bool IsRunning => Snapshot.State?.Text == KnownResourceStates.Running && Snapshot.EnvironmentVariables.Any(variable => variable.Name == ManagementPortName);

    public string ManagementPort => Snapshot.EnvironmentVariables.Single(variable => variable.Name == ManagementPortName).Value!;

    /// <summary>As an operating system that is out of memory would: without a word.</summary>
    public void Kill()
    {
        var pid = Snapshot.Properties.Single(property => property.Name == "executable.pid").Value;
        using var process = Process.GetProcessById(Convert.ToInt32(pid, CultureInfo.InvariantCulture));
        process.Kill(entireProcessTree: true);
    }
}

/// <summary>As much of a span as tells whose it is.</summary>
public sealed record Span(string TraceId, string Service, string Name);
