using VoiceAssistant.Local;

return await Commands.RunAsync(args);
