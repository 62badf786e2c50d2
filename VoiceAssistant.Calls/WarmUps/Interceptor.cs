using System.Reflection;

namespace VoiceAssistant.Calls.WarmUps;

/// <summary>Takes the calls of a large interface of which one method matters.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it.
internal class Interceptor : DispatchProxy
#pragma warning restore CA1852
{
    private Func<MethodInfo, object?[]?, object?> _invoke = null!;

    public static T Create<T>(Func<MethodInfo, object?[]?, object?> invoke) where T : class
    {
        var proxy = Create<T, Interceptor>();
        ((Interceptor)(object)proxy)._invoke = invoke;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _invoke(targetMethod!, args);
}
