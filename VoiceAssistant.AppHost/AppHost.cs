using VoiceAssistant.AppHost;

try
{
    var builder = DistributedApplication.CreateBuilder(args);
    builder.AddVoiceAssistant();
    builder.Build().Run();
    return 0;
}
catch (InvalidDataException fault)
{
    // The reader's to mend: a sentence, not a stack trace.
    Console.Error.WriteLine(fault.Message);
    return 1;
}
catch (OperationCanceledException)
{
    // Ctrl+C, while something was still being started.
    return 0;
}
