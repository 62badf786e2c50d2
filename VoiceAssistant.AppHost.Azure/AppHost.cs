using VoiceAssistant.AppHost;

try
{
    var builder = DistributedApplication.CreateBuilder(args);
    if (builder.ExecutionContext.IsRunMode)
    {
        throw new InvalidDataException("This AppHost is what azd up deploys. To run the system here: dotnet run --project VoiceAssistant.AppHost");
    }

    builder.AddAzureContainerApps(bridge: builder.AddVoiceAssistant());
    builder.Build().Run();
    return 0;
}
catch (InvalidDataException fault)
{
    // The reader's to mend: a sentence, not a stack trace.
    Console.Error.WriteLine(fault.Message);
    return 1;
}
