namespace VoiceAssistant.Local.Fuzzing;

/// <summary>An input that the target does not take well, made as short as it could be.</summary>
internal sealed record Finding(string Target, int Seed, long Round, byte[] Input, Exception Exception)
{
    /// <summary>With a line for <c>FuzzTests.Finding_StaysFixed</c>.</summary>
    public override string ToString() =>
        $"""
        {Target}: {Exception.Message} (seed {Seed}, input {Round}, {Input.Length} bytes)
        Add this line to FuzzTests.Finding_StaysFixed, and mend it:
            [InlineData("{Target}", "{Convert.ToBase64String(Input)}")]
        {Exception}
        """;
}
