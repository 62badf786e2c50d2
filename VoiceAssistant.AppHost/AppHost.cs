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
