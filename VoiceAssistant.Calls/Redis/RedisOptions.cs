using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace VoiceAssistant.Calls.Redis;

internal sealed record RedisOptions
{
    public const string Section = "ConnectionStrings";

    /// <summary>StackExchange.Redis's form: host:port, then options. The name is the one that Aspire's WithReference(redis) injects.</summary>
    [ConfigurationKeyName("redis")]
    public string ConnectionString { get; init; } = "";

    // A record prints its members, and this one may hold a password.
    public override string ToString() => nameof(RedisOptions);
}

internal sealed class RedisOptionsValidator : IValidateOptions<RedisOptions>
{
    private const string Expected = "expected host:port, with ,password=… where Redis has one";

    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            return ValidateOptionsResult.Fail($"ConnectionStrings:redis is missing; {Expected}.");
        }

        try
        {
            return ConfigurationOptions.Parse(options.ConnectionString).EndPoints is { Count: > 0 } servers && servers.All(IsServer)
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail($"ConnectionStrings:redis names no server; {Expected}.");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // The value and the exception's text are not shown: a password may stand in either.
            return ValidateOptionsResult.Fail($"ConnectionStrings:redis cannot be read; {Expected}.");
        }
    }

    // A redis:// URL, for one, is taken for a host's name.
    private static bool IsServer(EndPoint server) => server is not DnsEndPoint { Host: var host } || Uri.CheckHostName(host) is not UriHostNameType.Unknown;
}
