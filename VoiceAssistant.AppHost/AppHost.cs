using VoiceAssistant.AppHost;

try
{
    var builder = DistributedApplication.CreateBuilder(args);
    builder.AddVoiceAssistant();
    builder.Build().Run();
    return 0;
}
catch (Exception fault) when (StartFault.Explain(fault) is { } sentence)
{
    // The reader's to mend: a sentence, not a stack trace.
    Console.Error.WriteLine(sentence);
    return 1;
}
catch (OperationCanceledException)
{
    // Ctrl+C, while something was still being started.
    return 0;
}
