using Microsoft.AspNetCore.Connections;

namespace VoiceAssistant.AppHost;

internal static class StartFault
{
    /// <returns>What the reader can do about it; null for an exception that is a mistake of ours.</returns>
    public static string? Explain(Exception fault) => fault switch
    {
        AggregateException { InnerExceptions: [var only] } => Explain(only),
        InvalidDataException => fault.Message,
        // Kestrel's, of the addresses that the launch profile gives to the dashboard. Ports are looked at before (Loopback), so somebody was faster.
        IOException { InnerException: AddressInUseException } => $"{fault.Message.TrimEnd('.')}. Stop the program that listens there (another AppHost of this system?).",
        InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" } when fault.Message.Contains("certificate", StringComparison.Ordinal) =>
            "There is no development certificate for https. Make one with 'dotnet dev-certs https --trust', or start without: "
            + "dotnet run --project VoiceAssistant.AppHost --launch-profile http",
        _ => null,
    };
}
