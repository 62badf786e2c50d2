using System.Runtime.InteropServices;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.MediaBridge.Relay;

internal static class RelayServices
{
    // Of the grace, for what stops after the calls.
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(5);

    public static IHostApplicationBuilder AddRelay(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<CallOptions, CallOptionsValidator>().BindConfiguration("");
        builder.Services.AddOptionsWithValidateOnStart<DrainOptions, DrainOptionsValidator>().BindConfiguration("");
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout(builder) ?? host.ShutdownTimeout);
        builder.Services.AddSingleton<CallMetrics>();
        builder.Services.AddSingleton<LiveCalls>();
        builder.Services.AddSingleton<CallRelay>();
        builder.Services.AddSingleton<MediaStreamDelegate>(services => services.GetRequiredService<CallRelay>().RunAsync);
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService<DrainBeforeStop>();

        return builder;
    }

    // Read past the options: the host asks before they are validated, and one fault thrown here would hide all others.
    private static TimeSpan? ShutdownTimeout(IHostApplicationBuilder builder) =>
        builder.Configuration.Get<DrainOptions>() is { IsValid: true } drain && drain.Grace(builder.Environment) is var grace && grace > TimeSpan.Zero
            ? grace - Reserve
            : null;

    /// <summary>Drains while the listener is still open, so that a new stream is answered 503 and finds another bridge.</summary>
    /// <remarks>A signal raises ApplicationStopping first of all, before any StoppingAsync: nothing that calls need may listen to it.</remarks>
    private sealed class DrainBeforeStop(IServiceProvider services) : IHostedLifecycleService
    {
        public async Task StoppingAsync(CancellationToken cancellationToken)
        {
            // Not before the start: the settings have not been looked at then.
            var drain = services.GetRequiredService<Drain>();

            // The signal that has brought us here has been dealt out already.
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hurry);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Hurry);
            await drain.RunAsync(cancellationToken);

            void Hurry(PosixSignalContext signal)
            {
                signal.Cancel = true;
                drain.Hurry();
            }
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
