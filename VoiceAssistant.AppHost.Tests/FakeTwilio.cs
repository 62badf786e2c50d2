using System.Net;
using System.Text.Json;
using Twilio.Clients;
using Twilio.Http;

namespace VoiceAssistant.AppHost.Tests;

/// <summary>Twilio's REST interface as far as it is asked here: an account with numbers and Function services.</summary>
internal sealed class FakeTwilio : Twilio.Http.HttpClient
{
    private readonly Dictionary<string, string> _variables = [];
    private readonly Dictionary<string, string> _numbers = [];

    /// <summary>Environments of the Function service, by name, with their WEBHOOK_URL; none without a service.</summary>
    public IDictionary<string, string> Variables => _variables;

    /// <summary>Numbers with their voice URLs.</summary>
    public IDictionary<string, string> Numbers => _numbers;

    public HttpStatusCode Refusal { get; set; }

    public ITwilioRestClient Connect(string account, string token) => new TwilioRestClient(account, token, httpClient: this);

    public override Response MakeRequest(Request request) => Answer(request);

    public override Task<Response> MakeRequestAsync(Request request) => Task.FromResult(Answer(request));

    private Response Answer(Request request)
    {
        if (Refusal != 0)
        {
            return Json(Refusal, new { code = 20003, message = "Authenticate", status = (int)Refusal });
        }

        var path = request.Uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isWrite = request.Method == Twilio.Http.HttpMethod.Post;
        return path switch
        {
            [_, "Services"] => List("services", _variables.Count == 0 ? [] : [new { sid = "ZS1", unique_name = "voice-assistant" }]),
            [_, "Services", "ZS1", "Environments"] => List("environments", _variables.Keys.Select(name => new { sid = name, unique_name = name })),
            [_, "Services", "ZS1", "Environments", var name, "Variables"] =>
                List("variables", [new { sid = "ZV0", key = "ALLOWED_NUMBERS", value = "" }, new { sid = "ZV1", key = "WEBHOOK_URL", value = _variables[name] }]),
            [_, "Services", "ZS1", "Environments", var name, "Variables", "ZV1"] when isWrite => Variable(_variables[name] = Parameter(request, "Value")),
            [_, "Accounts", _, "IncomingPhoneNumbers.json"] => List("incoming_phone_numbers", _numbers
                .Where(number => request.QueryParams.All(parameter => parameter.Key != "PhoneNumber" || parameter.Value == number.Key))
                .Select(number => new { sid = Sid(number.Key), voice_url = number.Value })),
            [_, "Accounts", _, "IncomingPhoneNumbers", var file] when isWrite =>
                Json(HttpStatusCode.OK, new { voice_url = _numbers[_numbers.Keys.Single(number => Sid(number) + ".json" == file)] = Parameter(request, "VoiceUrl") }),
            _ => Json(HttpStatusCode.NotFound, new { code = 20404, message = request.Uri.AbsolutePath, status = 404 }),
        };
    }

    private static string Sid(string number) => number.Replace("+", "PN", StringComparison.Ordinal);

    private static string Parameter(Request request, string name) => request.PostParams.Single(parameter => parameter.Key == name).Value;

    private static Response Variable(string value) => Json(HttpStatusCode.OK, new { sid = "ZV1", key = "WEBHOOK_URL", value });

    private static Response List(string name, IEnumerable<object> items) => Json(HttpStatusCode.OK, new Dictionary<string, object>
    {
        [name] = items,
        ["meta"] = new { page_size = 50, url = "", first_page_url = "", next_page_url = (string?)null, previous_page_url = (string?)null, key = name },
    });

    private static Response Json(HttpStatusCode status, object content) => new(status, JsonSerializer.Serialize(content));
}
