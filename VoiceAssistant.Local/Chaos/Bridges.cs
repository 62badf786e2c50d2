using System.Net;

namespace VoiceAssistant.Local.Chaos;

/// <summary>The bridges, as an ingress sees them: a new stream goes to one that says that it is healthy, to each in turn.</summary>
internal sealed class Bridges : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly List<Bridge> _serving = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };
    private readonly TimeProvider _time;
    private readonly Task _checking;
    private uint _next;

    public Bridges(TimeProvider time)
    {
        _time = time;
        _checking = CheckAsync();
    }

    /// <summary>Those that get new streams.</summary>
    public IReadOnlyList<Bridge> Serving
    {
        get
        {
            lock (_lock)
            {
                return [.. _serving];
            }
        }
    }

    public void Add(Bridge bridge)
    {
        lock (_lock)
        {
            _serving.Add(bridge);
        }
    }

    /// <summary>As a platform does before it tells one to stop, and when it sees that one is dead.</summary>
    public void Remove(Bridge bridge)
    {
        lock (_lock)
        {
            _serving.Remove(bridge);
        }
    }

    /// <returns>Where the next stream goes; null where there is nobody.</returns>
    public IPEndPoint? Next()
    {
        lock (_lock)
        {
            // Where none says that it is healthy, each is better than none.
            var healthy = _serving.Where(bridge => bridge.IsHealthy).ToList();
            var candidates = healthy.Count > 0 ? healthy : _serving;
            return candidates.Count > 0 ? candidates[(int)(_next++ % candidates.Count)].EndPoint : null;
        }
    }

    /// <returns>How many calls a bridge holds.</returns>
    public async Task<int> CallsOfAsync(Bridge bridge, CancellationToken cancellationToken)
    {
        using var answer = System.Text.Json.JsonDocument.Parse(await _http.GetStringAsync($"http://127.0.0.1:{bridge.ManagementPort}/room", cancellationToken));
        return answer.RootElement.GetProperty("calls").GetInt32();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _checking;
        _stopping.Dispose();
        _http.Dispose();
    }

    private async Task CheckAsync()
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await Task.WhenAll(Serving.Select(CheckAsync));
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task CheckAsync(Bridge bridge)
    {
        try
        {
            using var answer = await _http.GetAsync($"http://{bridge.EndPoint}/health", _stopping.Token);
            bridge.IsHealthy = answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            bridge.IsHealthy = false;
        }
    }
}

/// <param name="Process">It runs in.</param>
/// <param name="EndPoint">Where it takes streams.</param>
/// <param name="ManagementPort">Where it says how many it has.</param>
/// <param name="Before">What it held before its first call.</param>
internal sealed record Bridge(ChildProcess Process, IPEndPoint EndPoint, int ManagementPort, Footprint Before)
{
    public volatile bool IsHealthy = true;
}
