using VoiceAssistant.Local;

return await Commands.Create().Parse(args).InvokeAsync();
