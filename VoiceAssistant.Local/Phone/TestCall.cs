using VoiceAssistant.Local.Phone.CommandLine;

namespace VoiceAssistant.Local.Phone;

/// <summary>Places one short call, as the call command does, and answers with a table of times (Markdown), after why it failed.</summary>
internal static class TestCall
{
    public const string Path = "/phone/test-call";

    // A greeting, a question, an answer, and the pauses around them take some 15 s; who asked waits for 100 s at most.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    public static async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        var services = context.RequestServices;
        var call = new PlacedCall(
            services.GetRequiredService<PhoneLine>(),
            WavCaller.ReadBuiltInQuestion(),
            records: false,
            services.GetRequiredKeyedService<HttpClient>(nameof(PhoneCall)),
            services.GetRequiredService<TimeProvider>());
        await call.RunAsync(TimeSpan.Zero, Longest, context.RequestAborted);

        using var report = new StringWriter();
        if (call.Failure is not null)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            await report.WriteLineAsync($"{call.Failure}\n");
        }

        CallReport.WriteMarkdown(report, call);
        context.Response.ContentType = "text/markdown";
        await context.Response.WriteAsync(report.ToString(), context.RequestAborted);
    }
}
