using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using VoiceAssistant.MediaBridge.Streams;

namespace VoiceAssistant.Tests.MediaBridge.Streams;

[Trait("Proves", "T-M3")]
public sealed class StreamGatesTests
{
    private static readonly IPAddress Client = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress OtherClient = IPAddress.Parse("192.0.2.2");

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1, 32)]
    [InlineData(20, 32)]
    [InlineData(100, 100)]
    public void Strangers_AreAtMost32_OrAsManyAsMayCall(int maxCalls, int expected)
    {
        var gates = Create(maxCalls);

        Assert.Equal(expected, Fill(gates, null).Count);
    }

    [Theory]
    [InlineData(20, 10)]
    [InlineData(100, 50)]
    public void Strangers_OfOneClient_AreAtMost10_OrHalfAsManyAsMayCall(int maxCalls, int expected)
    {
        var gates = Create(maxCalls);

        Assert.Equal(expected, Fill(gates, Client).Count);
        Assert.Equal(expected, Fill(gates, OtherClient).Count);
    }

    [Fact]
    public void Place_IsFree_WhenTheStrangerHasLeft()
    {
        var gates = Create(20);
        var slots = Fill(gates, Client);
        Assert.Null(gates.TryEnter(Client));

        slots[3].Dispose();
        slots[3].Dispose();

        Assert.NotNull(gates.TryEnter(Client));
        Assert.Null(gates.TryEnter(Client));
    }

    [Fact]
    public void Place_IsFree_WhenTheStrangerHasBecomeACall()
    {
        var gates = Create(20);
        var slots = Fill(gates, Client);

        Assert.True(slots[0].TryBecomeCall());

        Assert.NotNull(gates.TryEnter(Client));
        Assert.Null(gates.TryEnter(Client));
        Assert.Equal(1, gates.Calls);
    }

    [Fact]
    public void Nobody_Enters_WhileAllLinesAreTaken()
    {
        var gates = Create(2);
        var calls = new[] { gates.TryEnter(null)!, gates.TryEnter(null)! };
        Assert.All(calls, call => Assert.True(call.TryBecomeCall()));
        Assert.Null(gates.TryEnter(null));

        calls[0].Dispose();
        calls[0].Dispose();

        Assert.Equal(1, gates.Calls);
        Assert.NotNull(gates.TryEnter(null));
    }

    [Fact]
    public void Stranger_BecomesNoCall_WhereOthersWereFaster()
    {
        var gates = Create(1);
        var (first, second) = (gates.TryEnter(Client)!, gates.TryEnter(Client)!);

        Assert.True(first.TryBecomeCall());
        Assert.False(second.TryBecomeCall());

        second.Dispose();
        Assert.Equal(1, gates.Calls);
        first.Dispose();
        Assert.Equal(0, gates.Calls);
        Assert.Equal(10, Fill(gates, Client).Count);
    }

    [Fact]
    public void Newcomer_TakesThePlaceOfTheOldestStranger_ThatHasBeenSilentForASecond()
    {
        var gates = Create(20);
        var oldest = gates.TryEnter(Client)!;
        var becameCall = gates.TryEnter(null)!;
        Assert.True(becameCall.TryBecomeCall());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Fill(gates, null);
        _time.Advance(TimeSpan.FromMilliseconds(998));
        Assert.Null(gates.TryEnter(OtherClient));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        var newcomer = gates.TryEnter(OtherClient);

        Assert.True(oldest.IsCutOff.IsCompleted);
        Assert.False(becameCall.IsCutOff.IsCompleted);
        Assert.False(oldest.TryBecomeCall());
        oldest.Dispose();
        Assert.Null(gates.TryEnter(OtherClient));
        Assert.True(newcomer!.TryBecomeCall());
        Assert.Equal(2, gates.Calls);
        Assert.Single(Fill(gates, Client));
    }

    [Fact]
    public void Client_WithAllItsPlacesTaken_CutsNobodyOff()
    {
        var gates = Create(20);
        var others = Fill(gates, OtherClient);
        Fill(gates, Client);
        Fill(gates, null);
        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.Null(gates.TryEnter(Client));

        Assert.All(others, slot => Assert.False(slot.IsCutOff.IsCompleted));
    }

    [Fact]
    public async Task Gates_HoldAndEmpty_WhateverComesAtOnce()
    {
        const int MaxCalls = 20;
        var gates = Create(MaxCalls);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var round = 0; round < 20_000; round++)
            {
                using var slot = gates.TryEnter(random.Next(3) == 0 ? null : random.Next(2) == 0 ? Client : OtherClient);
                if (random.Next(2) == 0)
                {
                    slot?.TryBecomeCall();
                }

                Assert.InRange(gates.Calls, 0, MaxCalls);
            }
        })));

        Assert.Equal(0, gates.Calls);
        Assert.Equal(10, Fill(gates, Client).Count);
        Assert.Equal(10, Fill(gates, OtherClient).Count);
        Assert.Equal(32 - 20, Fill(gates, null).Count);
    }

    private StreamGates Create(int maxCalls) =>
        new(Options.Create(new StreamOptions { MaxCallsText = $"{maxCalls}" }), _time, NullLogger<StreamGates>.Instance);

    private static List<StreamGates.Slot> Fill(StreamGates gates, IPAddress? client)
    {
        var slots = new List<StreamGates.Slot>();
        // Without a gate it would have no end.
        while (slots.Count < 1000 && gates.TryEnter(client) is { } slot)
        {
            slots.Add(slot);
        }

        return slots;
    }
}
