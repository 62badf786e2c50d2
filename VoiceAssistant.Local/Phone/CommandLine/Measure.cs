namespace VoiceAssistant.Local.Phone.CommandLine;

/// <summary>Measures what so many calls cost the server over this time.</summary>
/// <returns>Whether every frame arrived as it was sent.</returns>
internal delegate Task<bool> Measure(int calls, TimeSpan interval, TextWriter output, TextWriter progress, CancellationToken cancellationToken);
