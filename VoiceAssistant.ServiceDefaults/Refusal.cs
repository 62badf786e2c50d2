using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace VoiceAssistant;

/// <summary>A request is refused: everybody is told the status, and in Development why.</summary>
/// <param name="status">The same for all reasons between which a stranger could choose.</param>
/// <param name="reason">As the log tells it: no signature, token or number, and no word of the request.</param>
/// <remarks>The body is RFC 9457's. Outside Development those of one status are the same to the byte.</remarks>
public sealed class Refusal(int status, string reason) : IResult
{
    private string Reason => reason;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Features.Set(this);
        return Task.CompletedTask;
    }

    internal static void AddBodies(IHostApplicationBuilder builder)
    {
        var tellsWhy = builder.Environment.IsDevelopment();
        builder.Services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            // The trace's id, which differs from one answer to the next.
            context.ProblemDetails.Extensions.Clear();
            context.ProblemDetails.Detail = tellsWhy ? context.HttpContext.Features.Get<Refusal>()?.Reason : null;
        });
    }

    /// <summary>Gives a body to each error that has none, be it of a refusal, of routing or of an exception.</summary>
    internal static void UseBodies(IApplicationBuilder app) => app.UseStatusCodePages(static context =>
    {
        var http = context.HttpContext;
        // A browser asks for HTML only, and would get other bytes than the next; an error may disregard that (RFC 9110, 12.4.1).
        http.Request.Headers.Accept = default;
        var problems = http.RequestServices.GetRequiredService<IProblemDetailsService>();
        return problems.WriteAsync(new() { HttpContext = http, ProblemDetails = { Status = http.Response.StatusCode } }).AsTask();
    });
}
