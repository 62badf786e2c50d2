using Twilio.Clients;
using Twilio.Rest.Api.V2010.Account;
using Twilio.Rest.Serverless.V1;
using Twilio.Rest.Serverless.V1.Service;
using Twilio.Rest.Serverless.V1.Service.Environment;
using Twilio.Types;

namespace VoiceAssistant.AppHost;

/// <summary>The place at Twilio that says where calls go.</summary>
/// <param name="What">In words, for the person who changes it; without the number.</param>
/// <param name="Value">The URL that stands there now.</param>
/// <param name="IsDirect">Whether it is the number's own, with no Function in between.</param>
/// <param name="SetAsync">Writes another URL.</param>
internal sealed record TwilioPointer(string What, string? Value, bool IsDirect, Func<string, Task> SetAsync)
{
    // The name in twilio/package.json, which `twilio serverless:deploy` gives to the service.
    private const string Service = "voice-assistant";
    private const string Variable = "WEBHOOK_URL";

    /// <exception cref="InvalidDataException">There is none, or there are several to choose from.</exception>
    public static async Task<TwilioPointer> FindAsync(ITwilioRestClient client, string phoneNumber)
    {
        var services = await ServiceResource.ReadAsync(client: client);
        return services.FirstOrDefault(service => service.UniqueName == Service || service.FriendlyName == Service) is { } function
            ? await FindVariableAsync(client, function)
            : await FindNumberAsync(client, phoneNumber);
    }

    private static async Task<TwilioPointer> FindVariableAsync(ITwilioRestClient client, ServiceResource function)
    {
        var found = new List<(EnvironmentResource Environment, VariableResource Variable)>();
        foreach (var environment in await EnvironmentResource.ReadAsync(function.Sid, client: client))
        {
            var variables = await VariableResource.ReadAsync(function.Sid, environment.Sid, client: client);
            found.AddRange(variables.Where(variable => variable.Key == Variable).Select(variable => (environment, variable)));
        }

        return found switch
        {
            [var (environment, variable)] => new(
                $"{Variable} of the Function service {Service} ({environment.UniqueName})",
                variable.Value,
                IsDirect: false,
                url => VariableResource.UpdateAsync(function.Sid, environment.Sid, variable.Sid, value: url, client: client)),
            [] => throw new InvalidDataException($"The Function service {Service} has no variable {Variable}; deploy it as twilio/README.md says."),
            _ => throw new InvalidDataException(
                $"The Function service {Service} has {Variable} in several environments ({string.Join(", ", found.Select(place => place.Environment.UniqueName))}); set the right one by hand."),
        };
    }

    private static async Task<TwilioPointer> FindNumberAsync(ITwilioRestClient client, string phoneNumber)
    {
        var numbers = await IncomingPhoneNumberResource.ReadAsync(phoneNumber: phoneNumber is "" ? null : new PhoneNumber(phoneNumber), client: client);
        return numbers.Take(2).ToArray() switch
        {
            [{ VoiceApplicationSid: { Length: > 0 } }] or [{ TrunkSid: { Length: > 0 } }] =>
                throw new InvalidDataException("A TwiML App or a trunk answers the number, so its voice URL is not asked; take it off in the Twilio console first."),
            [var number] => new(
                "The number's voice URL",
                number.VoiceUrl?.OriginalString,
                IsDirect: true,
                url => IncomingPhoneNumberResource.UpdateAsync(
                    number.Sid, voiceUrl: url is "" ? new EmptyUri() : new Uri(url), voiceMethod: Twilio.Http.HttpMethod.Post, client: client)),
            [] => throw new InvalidDataException(phoneNumber is ""
                ? $"The account has neither a Function service {Service} nor a phone number."
                : "The account does not have the number that TWILIO_PHONE_NUMBER names."),
            _ => throw new InvalidDataException($"The account has no Function service {Service} and several numbers; name one in TWILIO_PHONE_NUMBER."),
        };
    }
}
