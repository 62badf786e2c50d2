using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace VoiceAssistant.MediaBridge.Realtime;

/// <summary>Asks the endpoint once, when the service has started, whether the chosen models exist and when they end: somebody should hear of it before callers do.</summary>
internal sealed partial class ModelCheck(
    IOptions<RealtimeOptions> options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<ModelCheck> logger) : BackgroundService
{
    /// <summary>Longer, and nothing is said.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(9);

    // OpenAI's has some 20 KB; a router of many providers' models has more.
    private const int MaxSize = 4 * 1024 * 1024;

    private static readonly RealtimeOptions Defaults = new();

    /// <returns>Where the list is; null where there is none to ask for, or nothing to show.</returns>
    internal static Uri? ListUrl(RealtimeOptions options)
    {
        var url = new Uri(options.Url);
        var path = url.AbsolutePath.TrimEnd('/');
        // Azure's list does not have the deployments, by whose names models are chosen there.
        if (options is not { ApiKey: not "", Auth: "" or "bearer" } || ModelTags.IsAzure(url) || !path.EndsWith("/realtime", StringComparison.Ordinal))
        {
            return null;
        }

        return new UriBuilder(url.Scheme is "wss" ? "https" : "http", url.Host, url.Port, path[..path.LastIndexOf('/')] + "/models").Uri;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken);
            if (ListUrl(options.Value) is { } url)
            {
                Tell(url, await GetAsync(url, stoppingToken));
            }
        }
        catch (Exception exception)
        {
            // Whatever it is: an exception that leaves here would stop the service, calls and all. Its text may quote what was answered.
            LogNotLearned(exception.GetType().Name);
        }
    }

    private static IEnumerable<(string Setting, string Model, string Default)> Chosen(RealtimeOptions options)
    {
        yield return ModelTags.ModelIn(new Uri(options.Url)) is { } inUrl ? ("REALTIME_URL", inUrl, Defaults.Model) : ("REALTIME_MODEL", options.Model, Defaults.Model);
        if (SessionUpdate.Transcription(options) is var (model, setting))
        {
            yield return (setting, model, Defaults.TranscriptionModel);
        }
    }

    private async Task<ModelList> GetAsync(Uri url, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);

        // Not of the factory, whose clients log and repeat. The key goes to no other address, and no trace of ours to anybody.
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = !url.IsLoopback, ActivityHeadersPropagator = null });
        http.Timeout = System.Threading.Timeout.InfiniteTimeSpan;
        http.MaxResponseContentBufferSize = MaxSize;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Value.ApiKey);
        return ModelList.Read(await http.GetByteArrayAsync(url, either.Token));
    }

    private void Tell(Uri url, ModelList models)
    {
        if (models.IsEmpty)
        {
            LogNotLearned("it lists none");
            return;
        }

        foreach (var (setting, model, @default) in Chosen(options.Value))
        {
            var example = @default != model && models.Has(@default) && models.EndOf(@default) is null ? $", for example {@default}" : "";
            if (!models.Has(model))
            {
                LogUnknown(setting, model, url.Host, example);
            }
            else if (models.EndOf(model) is { } end)
            {
                LogEnds(setting, model, end.ToString("O", CultureInfo.InvariantCulture), example);
            }
        }
    }

    // Nothing here is worth a moment of the start.
    private async Task StartedAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
    }

    [LoggerMessage(1, LogLevel.Warning, "{Setting} names the model {Model}, whose shutdown date is {Date}: name another there{Example}.", EventName = "ModelEnds")]
    private partial void LogEnds(string setting, string model, string date, string example);

    [LoggerMessage(2, LogLevel.Warning,
        "{Setting} names the model {Model}, which {Host} does not list for this key: it does not exist or may not be used, unless the list is not complete. Name another there{Example}.",
        EventName = "ModelUnknown")]
    private partial void LogUnknown(string setting, string model, string host, string example);

    [LoggerMessage(3, LogLevel.Debug, "Whether the chosen models end cannot be learned here ({Reason}).", EventName = "ModelsNotLearned")]
    private partial void LogNotLearned(string reason);
}
