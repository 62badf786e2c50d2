namespace VoiceAssistant.Tests.Fakes;

/// <summary>A redis-server that lets in the user of redis/users.acl, and the test's administrator.</summary>
public sealed class RestrictedRedis : ITestRedis
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("redis-");
    private RedisServer? _server;

    public string EndPoint => _server!.ConnectionString;

    public string Service => ",user=voiceassistant,password=secret";

    public string Administrator => ",user=administrator,password=secret";

    public async Task StartAsync()
    {
        RedisServer.Require();
        var users = Path.Combine(_directory.FullName, "users.acl");
        var shipped = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "users.acl"), TestTimeout.Token);
        // What docs/redis.md tells the operator to do.
        await File.WriteAllTextAsync(users, $"{shipped.TrimEnd()} >secret\nuser administrator on >secret ~* &* +@all\n", TestTimeout.Token);
        _server = await RedisServer.StartAsync(arguments: ["--aclfile", users]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }
}
