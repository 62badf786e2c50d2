using System.Net;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.Calls;
using VoiceAssistant.Tests.Fakes;
using VoiceAssistant.Webhook.PublicUrl;

namespace VoiceAssistant.Tests.Webhook.PublicUrl;

using Answer = TaskCompletionSource<HttpResponseMessage>;

[Trait("Proves", "R18")]
public sealed class PublicUrlCheckTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly LogRecorder _log = new();
    private readonly LoggerFactory _loggers;
    private readonly Lifetime _lifetime = new();
    private readonly Internet _internet = new();
    private PublicUrlCheck _check = null!;

    public PublicUrlCheckTests() => _loggers = new([_log]);

    public async ValueTask DisposeAsync()
    {
        await _check.StopAsync(TestTimeout.Token);
        _check.Dispose();
        _loggers.Dispose();
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, "somebody else answers there, or a webhook with another TWILIO_AUTH_TOKEN")]
    [InlineData(HttpStatusCode.MovedPermanently, "it redirects (301), which Twilio's signature does not survive")]
    [InlineData(HttpStatusCode.NotFound, "the answer there is 404, and not this system's")]
    [InlineData((HttpStatusCode)530, "the answer there is 530, and not this system's")]
    public async Task Operator_IsTold_WhereSomebodyElseAnswers(HttpStatusCode status, string fault)
    {
        await StartAsync();

        (await _internet.AskedAsync()).Answer.SetResult(new HttpResponseMessage(status));

        await AssertWrongAsync(fault);
    }

    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "its name is not known (DNS)")]
    [InlineData(HttpRequestError.SecureConnectionError, "its certificate is not good")]
    [InlineData(HttpRequestError.ConnectionError, "nobody takes connections there")]
    [InlineData(HttpRequestError.InvalidResponse, "there is no answer that can be read")]
    public async Task Operator_IsTold_WhereNobodyAnswers(HttpRequestError error, string fault)
    {
        await StartAsync();

        (await _internet.AskedAsync()).Answer.SetException(new HttpRequestException(error));

        await AssertWrongAsync(fault);
    }

    [Fact]
    public async Task Operator_IsTold_WhereThereIsNoAnswerInFiveSeconds()
    {
        await StartAsync();
        await _internet.AskedAsync();

        _time.Advance(TimeSpan.FromSeconds(5));

        await AssertWrongAsync("there was no answer within 5 s");
    }

    [Fact]
    public async Task Operator_IsTold_WhereTheProofIsASecondhandOne()
    {
        await StartAsync();
        var stale = new HttpResponseMessage();
        stale.Headers.Add(PublicUrlProof.HeaderName, PublicUrlProof.Create([WebhookHost.AuthToken], PublicUrlProof.CreateNonce()));

        (await _internet.AskedAsync()).Answer.SetResult(stale);

        await AssertWrongAsync("somebody else answers there");
    }

    // Not every half a minute; and the network has its moments.
    [Fact]
    public async Task Operator_IsTold_OfChangesOnly()
    {
        await StartAsync();
        foreach (var isOurs in (bool[])[true, false, true, false, false, false, true, true])
        {
            var (nonce, answer) = await _internet.AskedAsync();
            answer.SetResult(isOurs ? Ours(nonce) : new HttpResponseMessage(HttpStatusCode.BadGateway));
            _time.Advance(PublicUrlCheck.Interval);
        }

        Assert.Equal(["PublicUrlWrong", "PublicUrlRight"], _log.Lines.Select(line => line.Split('[', ']')[1]));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync());
    }

    // What nobody listens to yet answers nothing.
    [Fact]
    public async Task Nobody_IsAsked_BeforeTheServiceListens()
    {
        await StartAsync(hasStarted: false);
        await _lifetime.AwaitedAsync();
        Assert.False(_internet.IsAsked);

        _lifetime.Start();

        await _internet.AskedAsync();
    }

    [Theory]
    [InlineData("Local", WebhookHost.PublicUrl)]
    [InlineData("Development", "http://localhost:5101")]
    [InlineData("Development", "https://localhost:5101")]
    public async Task Nobody_IsAsked_WhereTheAddressIsNotForTheWorld(string environment, string publicUrl)
    {
        await StartAsync(environment, publicUrl);

        await _check.ExecuteTask!.WaitAsync(TestTimeout.Token);

        Assert.False(_internet.IsAsked);
        Assert.Equal(HealthStatus.Healthy, await StatusAsync());
    }

    private async Task StartAsync(string environment = "Production", string publicUrl = WebhookHost.PublicUrl, bool hasStarted = true)
    {
        var twilio = Options.Create(new TwilioOptions { AuthToken = WebhookHost.AuthToken, PublicUrl = publicUrl });
        _check = new PublicUrlCheck(
            new PublicUrlProbe(_internet, twilio, _time), twilio, new HostingEnvironment { EnvironmentName = environment }, _lifetime, _time,
            _loggers.CreateLogger<PublicUrlCheck>());
        await _check.StartAsync(TestTimeout.Token);
        if (hasStarted)
        {
            _lifetime.Start();
        }
    }

    private async Task<HealthStatus> StatusAsync() => (await _check.CheckHealthAsync(new HealthCheckContext())).Status;

    private async Task AssertWrongAsync(string fault)
    {
        await _log.WaitForAsync("[PublicUrlWrong]");
        Assert.StartsWith($"{typeof(PublicUrlCheck).FullName}[PublicUrlWrong] PUBLIC_URL ({WebhookHost.PublicUrl}) does not lead here: {fault}", Assert.Single(_log.Errors), StringComparison.Ordinal);
        for (var end = TestTimeout.Token; await StatusAsync() is not HealthStatus.Degraded;)
        {
            await Task.Delay(10, end);
        }
    }

    private static HttpResponseMessage Ours(string nonce)
    {
        var answer = new HttpResponseMessage();
        answer.Headers.Add(PublicUrlProof.HeaderName, PublicUrlProof.Create([WebhookHost.AuthToken], nonce));
        return answer;
    }

    /// <summary>Says when somebody wants to know whether the service has started.</summary>
    private sealed class Lifetime : IHostApplicationLifetime
    {
        private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
        private readonly TaskCompletionSource _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken ApplicationStarted
        {
            get
            {
                _awaited.TrySetResult();
                return _lifetime.ApplicationStarted;
            }
        }

        public CancellationToken ApplicationStopping => _lifetime.ApplicationStopping;

        public CancellationToken ApplicationStopped => _lifetime.ApplicationStopped;

        public void Start() => _lifetime.NotifyStarted();

        public Task AwaitedAsync() => _awaited.Task.WaitAsync(TestTimeout.Value);

        public void StopApplication() => _lifetime.StopApplication();
    }

    /// <summary>Answers what the test says.</summary>
    private sealed class Internet : HttpMessageHandler, IHttpClientFactory
    {
        private readonly Channel<(string Nonce, Answer Answer)> _asked = Channel.CreateUnbounded<(string, Answer)>();

        public bool IsAsked => _asked.Reader.Count > 0;

        public async Task<(string Nonce, Answer Answer)> AskedAsync() => await _asked.Reader.ReadAsync(TestTimeout.Token);

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal((HttpMethod.Get, WebhookHost.PublicUrl + "/health"), (request.Method, request.RequestUri!.OriginalString));
            // Whoever sets it goes on only when the check is through with it.
            var answer = new Answer();
            _asked.Writer.TryWrite((Assert.Single(request.Headers.GetValues(PublicUrlProof.NonceName)), answer));
            return answer.Task.WaitAsync(cancellationToken);
        }
    }
}
