using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Options;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Signatures;
using VoiceAssistant.Connections;

namespace VoiceAssistant.Webhook.Signatures;

/// <summary>Lets only Twilio in: everything else is refused before anything is done for it.</summary>
internal sealed partial class TwilioSignatureFilter(IOptions<TwilioOptions> options, TimeProvider time, ILogger<TwilioSignatureFilter> logger) : IEndpointFilter
{
    private readonly IReadOnlyList<string> _authTokens = options.Value.AuthTokens;
    private readonly string _publicUrl = options.Value.PublicUrl;
    private readonly Rarely _wrongSignatures = new(time);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var path = PathOf(http);

        // Routing forgives a trailing slash and another case; Twilio's signature is for one path only.
        if (http.Request.Path.Value != path)
        {
            return new Refusal(StatusCodes.Status404NotFound, $"Twilio's signature is for {path} only, in this case and without a slash at its end.");
        }

        // Without a signature, a stranger's body is not worth waiting for. And the signature has nothing between a query and the form, so fields
        // could be moved from one to the other: our URLs have no query.
        var header = http.Request.Headers[TwilioSignature.HeaderName];
        if (header.Count != 1 || http.Request.QueryString.HasValue)
        {
            LogUnsigned(path);
            return new Refusal(StatusCodes.Status403Forbidden, $"A request needs one {TwilioSignature.HeaderName}, and no query.");
        }

        TwilioForm? form;
        try
        {
            form = await TwilioForm.ReadAsync(http.Request, http.RequestAborted);
        }
        catch (BadHttpRequestException exception)
        {
            return new Refusal(exception.StatusCode, exception.Message);
        }

        if (form is null)
        {
            LogUnsigned(path);
            return new Refusal(StatusCodes.Status403Forbidden, "The body is not a form as Twilio posts it.");
        }

        if (!TwilioSignature.IsValid(_authTokens, _publicUrl + path, form.Fields, header[0]))
        {
            if (_wrongSignatures.IsDue(out var others))
            {
                LogWrongSignature(path, _publicUrl, others);
            }

            return new Refusal(
                StatusCodes.Status403Forbidden, $"The signature is not Twilio's for {_publicUrl}{path}: check TWILIO_AUTH_TOKEN and PUBLIC_URL.");
        }

        http.PinConnection();
        http.Features.Set(form);
        return await next(context);
    }

    private static string PathOf(HttpContext http) =>
        string.Concat(((RouteEndpoint)http.GetEndpoint()!).RoutePattern.PathSegments.SelectMany(segment => segment.Parts).Select(part => part switch
        {
            RoutePatternLiteralPart literal => $"/{literal.Content}",
            RoutePatternParameterPart parameter => $"/{http.Request.RouteValues[parameter.Name]}",
            _ => "",
        }));

    [LoggerMessage(1, LogLevel.Debug, "A request to {Path} that is not a signed form was refused.", EventName = "Unsigned")]
    private partial void LogUnsigned(string path);

    [LoggerMessage(2, LogLevel.Warning,
        "A request to {Path} was refused: its signature does not fit TWILIO_AUTH_TOKEN and PUBLIC_URL ({PublicUrl}) ({Others} more since the last such line). "
        + "Where it came from Twilio, one of the two settings is wrong.",
        EventName = "WrongSignature")]
    private partial void LogWrongSignature(string path, string publicUrl, int others);
}
