using System.Buffers;
using VoiceAssistant.MediaBridge.Sockets;

namespace VoiceAssistant.Tests.MediaBridge.Sockets;

public sealed class PooledBufferTests : IDisposable
{
    private const int InitialSize = 4096;
    private const int KeepUpTo = 64 * 1024;

    private readonly PooledBuffer _buffer = new(InitialSize);

    public void Dispose() => _buffer.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(160)]
    [InlineData(4096)]
    [InlineData(10_000)]
    public void Content_IsKept_WhileTheBufferGrows(int chunk)
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);

        foreach (var part in content.Chunk(chunk))
        {
            _buffer.Write(part);
        }

        Assert.Equal(content, _buffer.Written.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(InitialSize)]
    [InlineData(200_000)]
    public void Space_IsThere_AsMuchAsAskedFor(int sizeHint)
    {
        for (var filled = 0; filled < 3; filled++)
        {
            Assert.InRange(_buffer.GetSpan(sizeHint).Length, Math.Max(1, sizeHint), int.MaxValue);
            Assert.InRange(_buffer.GetMemory(sizeHint).Length, Math.Max(1, sizeHint), int.MaxValue);
            _buffer.Advance(_buffer.GetMemory(sizeHint).Length);
        }
    }

    [Fact]
    public void Size_IsKept_UpToWhatABusyCallNeeds()
    {
        _buffer.Write(new byte[KeepUpTo]);
        _buffer.Clear();

        Assert.True(_buffer.Written.IsEmpty);
        Assert.Equal(KeepUpTo, _buffer.GetMemory().Length);
    }

    [Fact]
    public void Size_IsGivenBack_AfterOneHugeMessage()
    {
        _buffer.Write(new byte[KeepUpTo + 1]);
        _buffer.Clear();

        Assert.True(_buffer.Written.IsEmpty);
        Assert.Equal(InitialSize, _buffer.GetMemory().Length);
    }
}
