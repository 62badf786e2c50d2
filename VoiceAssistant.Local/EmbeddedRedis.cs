using System.Net;
using Garnet;
using Garnet.server;
using Garnet.server.Auth.Settings;

namespace VoiceAssistant.Local;

/// <summary>Redis in this process, over real TCP on a loopback port, for a machine where nothing is installed.</summary>
internal sealed class EmbeddedRedis : IDisposable
{
    private readonly GarnetServer _server;

    /// <summary>On a free port, for this process alone.</summary>
    public EmbeddedRedis()
        // It takes no port 0.
        : this(LoopbackPort.Free(), password: "")
    {
    }

    /// <param name="port">A port of this machine's that is free.</param>
    /// <param name="password">What a client has to say first; empty for none.</param>
    public EmbeddedRedis(int port, string password)
    {
        var endpoint = new IPEndPoint(IPAddress.Loopback, port);
        _server = new GarnetServer(new GarnetServerOptions
        {
            EndPoints = [endpoint],
            // A few calls of a few hundred bytes; the defaults are for gigabytes.
            LogMemorySize = "16m",
            PageSize = "1m",
            IndexMemorySize = "1m",
            QuietMode = true,
            AuthSettings = password is "" ? null : new PasswordAuthenticationSettings(password),
            // A script locks the keys that it names and is atomic, as it is in Redis.
            EnableLua = true,
            LuaTransactionMode = true,
            LuaOptions = new LuaOptions(LuaMemoryManagementMode.Native, "", Timeout.InfiniteTimeSpan, LuaLoggingMode.Silent, []),
        });
        _server.Start();
        ConnectionString = endpoint.ToString();
    }

    public string ConnectionString { get; }

    public void Dispose() => _server.Dispose();
}
