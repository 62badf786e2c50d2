namespace VoiceAssistant.Local.Fuzzing.Targets;

/// <summary>Over a <see cref="ScriptedSocket"/> nothing has anything to wait for.</summary>
internal static class AtOnce
{
    public static T Result<T>(Task<T> task)
    {
        FindingException.ThrowIf(!task.IsCompleted, "It waits, though all that it could wait for is there.");
        return task.GetAwaiter().GetResult();
    }

    public static void Wait(Task task) => Result(WithResult(task));

    private static async Task<bool> WithResult(Task task)
    {
        await task;
        return true;
    }
}
