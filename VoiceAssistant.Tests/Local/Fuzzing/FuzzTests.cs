using VoiceAssistant.Local.Fuzzing;

namespace VoiceAssistant.Tests.Local.Fuzzing;

[Trait("Proves", "T-M4")]
public sealed class FuzzTests(ITestOutputHelper output)
{
    // By hand, longer: dotnet run -c Release --project VoiceAssistant.Local -- fuzz --minutes 60
    private const int Inputs = 2_000;

    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Target_TakesWhateverComes(string name)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var fuzzer = new Fuzzer(Find(name), seed);

        while (fuzzer.Inputs < Inputs)
        {
            if (fuzzer.Next() is { } finding)
            {
                Assert.Fail($"{finding}");
            }
        }

        // Otherwise it mutates, but gets nowhere.
        Assert.True(fuzzer.Outcomes.Count > 3, string.Join('\n', fuzzer.Outcomes));
    }

    /// <summary>What fuzzing found once.</summary>
    [Theory]
    // An earlier field of the same name was not forgotten.
    [InlineData("twilio", "eyIiOiIiLCIiOiIiLCJtZWRpYSI6eyIiOiIiLCIiOiIiLCIiOiIiLCJwYXlsb2FkIjoiKyJ9LCIiOiIiLCJtZWRpYSI6eyIiOiIifX0=")]
    // The model's side could write lines into the log.
    [InlineData("model", "eyJ0eXBlIjoiZXJyb3IiLCIiOiIiLCJlcnJvciI6eyJ0eXBlIjoifyJ9fQ==")]
    // A transcript that is no text spoiled events that have none.
    [InlineData("model", "eyJ0eXBlIjoicmVzcG9uc2UuY3JlYXRlZCIsIiI6IiIsInRyYW5zY3JpcHQiOnsiIjoiIiwiIjoiIiwiIjoiIn19")]
    // Of base64's last letter only four of its six bits counted.
    [InlineData("signature", "aHR0cHM6Ly91c2VyOnBhc3NAdm9pY2UuZXhhbXBsZTo4NDQzL2E/Yj1jCkFnK05MY1Z0eHA2dHFJb3M4SWlRUHlKWVlROT0KYjImYT0xJmE9MSZCMyZhPTAmQ2FsbFNpZHgmQ0FMTFNJRHgmY2FsbHNpZA==")]
    public void Finding_StaysFixed(string name, string input) => Assert.Null(Fuzzer.Try(Find(name), Convert.FromBase64String(input), out _));

    private static IFuzzTarget Find(string name) => FuzzTargets.All.Single(target => target.Name == name);
}
