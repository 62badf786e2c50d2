using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using VoiceAssistant.Calls;
using VoiceAssistant.Calls.Redis;
using VoiceAssistant.Tests.Fakes;

namespace VoiceAssistant.Tests.Calls.Redis;

public sealed class RedisOptionsTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:6379")]
    [InlineData("127.0.0.1:6379,password=secret,ssl=true")]
    [InlineData("[::1]:6379")]
    [InlineData("my_redis:6379")]
    [InlineData("one:6379,two:6379")]
    public void ConnectionString_IsTaken(string connectionString) => Assert.Null(Fault(connectionString));

    [Theory]
    [InlineData("", "missing")]
    [InlineData(" ", "missing")]
    [InlineData(",", "names no server")]
    [InlineData("password=secret", "names no server")]
    [InlineData("secret:port", "names no server")]
    [InlineData("redis://:secret@localhost:6379", "names no server")]
    [InlineData("rediss://secret", "names no server")]
    [InlineData("secret host:6379", "names no server")]
    [InlineData("localhost:6379:secret", "names no server")]
    [InlineData("localhost,redis://secret:6379", "names no server")]
    [InlineData("localhost;password=secret", "cannot be read")]
    [InlineData("localhost,secret=1", "cannot be read")]
    [InlineData("localhost,ssl=secret", "cannot be read")]
    [InlineData("localhost,tunnel=secret", "cannot be read")]
    [InlineData("secret:99999", "cannot be read")]
    [InlineData("secret:-1", "cannot be read")]
    public void ConnectionString_IsNotShown_WhateverItsFault(string connectionString, string fault)
    {
        var text = Fault(connectionString);

        Assert.StartsWith("ConnectionStrings:redis ", text, StringComparison.Ordinal);
        Assert.EndsWith($"{fault}; expected host:port, with ,password=… where Redis has one.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Client_DoesNotWaitLongerThanACaller_WhateverTheConnectionStringSays()
    {
        const string Patient = "localhost:6379,connectTimeout=60000,asyncTimeout=60000,abortConnect=true,password=secret,ssl=true";

        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration["ConnectionStrings:redis"] = Patient;
        builder.AddCallState();
        using var host = builder.Build();

        var options = host.Services.GetRequiredService<IOptions<ConfigurationOptions>>().Value;

        Assert.Equal([new DnsEndPoint("localhost", 6379)], options.EndPoints);
        Assert.Equal(("secret", true), (options.Password, options.Ssl));
        Assert.False(options.AbortOnConnectFail);
        Assert.Same(BacklogPolicy.FailFast, options.BacklogPolicy);
        Assert.All([options.ConnectTimeout, options.AsyncTimeout, options.SyncTimeout], timeout => Assert.InRange(timeout, 1, 2000));
    }

    [Fact]
    public async Task Fault_IsShown_WithoutTheClientsInnerLife()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(TestRedis.Impatient("127.0.0.1:1"));

        var exception = await Assert.ThrowsAsync<RedisConnectionException>(() => redis.GetDatabase().StringGetAsync("va:key"));

        Assert.DoesNotMatch("IOCP|WORKER|POOL|mc:|clientName|va:key", exception.Message);
    }

    [Fact]
    public void Text_ShowsNoSecret() => Assert.Equal("RedisOptions", $"{new RedisOptions { ConnectionString = "localhost,password=secret" }}");

    private static string? Fault(string connectionString) =>
        new RedisOptionsValidator().Validate(null, new RedisOptions { ConnectionString = connectionString }).Failures?.Single();
}
