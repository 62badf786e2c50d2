using System.Text;
using VoiceAssistant.Local.Phone.Streams;

namespace VoiceAssistant.Tests.Local.Phone.Streams;

public class BridgeMessageTests
{
    public static TheoryData<string, string, int> Messages { get; } = new()
    {
        // What PROTOCOL.md shows, in any order of its fields.
        { """{"event":"media","streamSid":"MZ1","media":{"payload":"fn9/"}}""", "Media", 0 },
        { """{"media":{"payload":"fn9/"},"streamSid":"MZ1","event":"media"}""", "Media", 0 },
        { """ { "event" : "mark", "streamSid" : "MZ1", "mark" : { "name" : "r7" } } """, "Mark", 0 },
        { """{"event":"clear","streamSid":"MZ1"}""", "Clear", 0 },

        // Understood, and still a warning in Twilio's debugger.
        { """{"event":"clear","streamSid":"MZ1","reason":"x"}""", "Clear", 31951 },
        { """{"event":"media","streamSid":"MZ1","media":{"payload":"fn9/","track":"outbound"}}""", "Media", 31951 },
        { """{"event":"mark","streamSid":"MZ1","mark":{"id":{"a":[1]},"name":"r7"}}""", "Mark", 31951 },

        { """{"event":"media","streamSid":"MZ2","media":{"payload":"fn9/"}}""", "None", 31951 },
        { """{"event":"media","media":{"payload":"fn9/"}}""", "None", 31951 },
        { """{"event":"media","streamSid":5,"media":{"payload":"fn9/"}}""", "None", 31951 },
        { """{"event":"media","streamSid":"MZ1"}""", "None", 31951 },
        { """{"event":"media","streamSid":"MZ1","media":{}}""", "None", 31951 },
        { """{"event":"media","streamSid":"MZ1","media":"fn9/"}""", "None", 31951 },
        { """{"event":"media","streamSid":"MZ1","media":{"payload":7}}""", "None", 31951 },
        { """{"event":"mark","streamSid":"MZ1","mark":{}}""", "None", 31951 },
        { """{"streamSid":"MZ1"}""", "None", 31951 },
        { """{"streamSid":{"event":"clear"},"event":"clear"}""", "None", 31951 },
        { """{"event":"media","streamSid":"MZ1","media":{"payload":"\ud800"}}""", "None", 31951 },
        { """{"event":"media","streamSid":"\ud800","media":{"payload":""}}""", "None", 31951 },
        { """{"ev\ud800ent":"media"}""", "None", 31951 },
        { """{"event":null,"streamSid":"MZ1"}""", "None", 31951 },

        { """{"event":"dtmf","streamSid":"MZ1"}""", "None", 31924 },
        { """{"event":"stop","streamSid":"MZ1"}""", "None", 31924 },

        { "", "None", 31951 },
        { "hello", "None", 31951 },
        { "[]", "None", 31951 },
        { "\"clear\"", "None", 31951 },
        { """{"event":"clear","streamSid":"MZ1" """, "None", 31951 },
        { """{"event":"clear","streamSid":"MZ1"}{}""", "None", 31951 },
        { """{"event":"clear","streamSid":"MZ1",}""", "None", 31951 },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_IsTakenAsTwilioTakesIt(string json, string expected, int warning)
    {
        var message = BridgeMessage.Read(Encoding.UTF8.GetBytes(json), "MZ1"u8);

        Assert.Equal(expected, message.Event.ToString());
        Assert.Equal(warning, message.Warning?.Code ?? 0);
    }

    [Fact]
    public void Payload_IsUnescaped_AndANameIsNot()
    {
        var media = BridgeMessage.Read("""{"event":"media","streamSid":"MZ1","media":{"payload":"fn9\/"}}"""u8, "MZ1"u8);
        var mark = BridgeMessage.Read("""{"event":"mark","streamSid":"MZ1","mark":{"name":"a\"\u00e9"}}"""u8, "MZ1"u8);

        Assert.Equal("fn9/", Encoding.UTF8.GetString(media.Payload));
        Assert.Equal("""a\"\u00e9""", Encoding.UTF8.GetString(mark.Name));
    }

    [Fact]
    public void Warning_NamesTheField_InShort()
    {
        var message = BridgeMessage.Read(Encoding.UTF8.GetBytes($$"""{"event":"clear","streamSid":"MZ1","{{new string('x', 500)}}":1}"""), "MZ1"u8);

        Assert.Equal($"A message has the field \"{new string('x', 32)}\", which Twilio does not know.", message.Warning?.Text);
    }

    [Fact]
    public void Message_CutAnywhere_IsRefused()
    {
        var json = """{"event":"media","streamSid":"MZ1","media":{"payload":"fn9/"}}"""u8;
        for (var length = 0; length < json.Length; length++)
        {
            Assert.Equal(BridgeEvent.None, BridgeMessage.Read(json[..length], "MZ1"u8).Event);
        }
    }

    [Fact]
    public void Message_NeverThrows_WhateverTheServerSends()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var json = """{"event":"media","streamSid":"MZ1","media":{"payload":"fn9\/\u0041"},"mark":{"name":["é",{}]},"x":1e5}"""u8.ToArray();
        try
        {
            for (var i = 0; i < 20_000; i++)
            {
                var message = json.ToArray();
                for (var change = random.Next(1, 6); change > 0; change--)
                {
                    message[random.Next(message.Length)] = random.Next(2) == 0 ? json[random.Next(json.Length)] : (byte)random.Next(256);
                }

                BridgeMessage.Read(message, "MZ1"u8);
            }
        }
        catch (Exception ex)
        {
            Assert.Fail($"Seed {seed}: {ex}");
        }
    }

    [Fact]
    public void Media_IsReadWithoutAllocating()
    {
        var json = """{"event":"media","streamSid":"MZ1","media":{"payload":"fn9/"}}"""u8;
        BridgeMessage.Read(json, "MZ1"u8);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            BridgeMessage.Read(json, "MZ1"u8);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
