namespace VoiceAssistant.AppHost;

/// <summary>PUBLIC_URL as a value for the environment of others: known when the tunnel is up.</summary>
internal sealed class PublicAddress : IResourceAnnotation, IValueProvider, IManifestExpressionProvider
{
    private TaskCompletionSource<string> _known = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The services that are told the address when they start; none before those that it waits for.</summary>
    public List<IResource> Users { get; } = [];

    /// <summary>Null until it is known.</summary>
    public string? Url => _known.Task is { IsCompletedSuccessfully: true, Result: var url } ? url : null;

    // Never published: deployed services have addresses of their own.
    public string ValueExpression => "";

    public void Set(string url)
    {
        if (!_known.TrySetResult(url))
        {
            _known = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _known.SetResult(url);
        }
    }

    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) => await _known.Task.WaitAsync(cancellationToken);
}

internal static class PublicAddressExtensions
{
    /// <summary>Deployed, each of the two services has a host of its own.</summary>
    public static void KnowEachOthersAddress(this IResourceBuilder<ProjectResource> webhook, IResourceBuilder<ProjectResource> bridge)
    {
        // Twilio signs for what it calls, and it calls over https.
        var publicUrl = ReferenceExpression.Create($"{webhook.GetEndpoint("https")}");
        var streamUrl = ReferenceExpression.Create($"wss://{bridge.GetEndpoint("https").Property(EndpointProperty.Host)}/media-stream");
        webhook.WithEnvironment("PUBLIC_URL", publicUrl).WithEnvironment("STREAM_URL", streamUrl);
        bridge.WithEnvironment("PUBLIC_URL", publicUrl).WithEnvironment("STREAM_URL", streamUrl);
    }
}
