using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using VoiceAssistant.Calls;
using VoiceAssistant.Webhook.Signatures;

namespace VoiceAssistant.Webhook.Calls;

/// <summary>Names the call on the request's span and on all log lines that follow; only Twilio's word is taken for it.</summary>
internal sealed class CallScopeFilter(ILogger<CallScopeFilter> logger) : IEndpointFilter
{
    // CA and 32 hexadecimal digits.
    private const int Length = 34;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var form = context.HttpContext.Features.GetRequiredFeature<TwilioForm>();
        if (form.Single("CallSid") is not { Length: Length } callSid || !callSid.StartsWith("CA", StringComparison.Ordinal))
        {
            return await next(context);
        }

        Activity.Current?.SetTag(CallScope.Attribute, callSid);
        using (logger.BeginCall(callSid))
        {
            return await next(context);
        }
    }
}
