using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace VoiceAssistant;

/// <summary>A port for the operator, where no public address leads.</summary>
internal static class ManagementPort
{
    public static void AddManagementPort(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ManagementOptions, ManagementOptionsValidator>().BindConfiguration("");
        services.AddHostedService<Check>();
    }

    /// <summary>Lets these endpoints answer on MANAGEMENT_PORT, and nothing else there.</summary>
    public static void UseManagementPort(this WebApplication app, Action<IEndpointRouteBuilder> map)
    {
        if (app.Configuration.Get<ManagementOptions>()?.Number is not { } port)
        {
            return;
        }

        // With routes of its own: on either side the other's do not exist.
        var branch = new ApplicationBuilder(app.Services);
        branch.UseRouting();
        branch.UseEndpoints(map);
        var management = branch.Build();

        app.Use(next => context =>
        {
            // The port that took the connection; the Host header names whichever a stranger likes.
            if (context.Connection.LocalPort != port)
            {
                return next(context);
            }

            // The public routes have been asked already.
            context.SetEndpoint(null);
            return management(context);
        });
    }

    /// <summary>A port that nobody listens on, or where everything else is to answer too, is a mistake to be told of at start.</summary>
    private sealed class Check(IServer server, IOptions<ManagementOptions> options) : IHostedLifecycleService
    {
        public Task StartedAsync(CancellationToken cancellationToken)
        {
            if (options.Value.Number is not { } port)
            {
                return Task.CompletedTask;
            }

            var addresses = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
            var others = addresses.Count(address => BindingAddress.Parse(address).Port != port);
            return others > 0 && others < addresses.Count
                ? Task.CompletedTask
                : throw new InvalidDataException(
                    $"{ManagementOptions.PortName} is {port}, but this service listens on {string.Join(" and ", addresses)}; "
                    + "expected one port for management and another one for everybody, both in ASPNETCORE_URLS or HTTP_PORTS.");
        }

        public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
