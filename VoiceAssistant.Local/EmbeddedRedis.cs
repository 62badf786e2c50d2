using System.Net;
using Garnet;
using Garnet.server;

namespace VoiceAssistant.Local;

/// <summary>Redis in this process, over real TCP on a free loopback port, for a machine where nothing is installed.</summary>
internal sealed class EmbeddedRedis : IDisposable
{
    private readonly GarnetServer _server;

    public EmbeddedRedis()
    {
        // It takes no port 0.
        var endpoint = new IPEndPoint(IPAddress.Loopback, LoopbackPort.Free());
        _server = new GarnetServer(new GarnetServerOptions
        {
            EndPoints = [endpoint],
            // A few calls of a few hundred bytes; the defaults are for gigabytes.
            LogMemorySize = "16m",
            PageSize = "1m",
            IndexMemorySize = "1m",
            QuietMode = true,
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
