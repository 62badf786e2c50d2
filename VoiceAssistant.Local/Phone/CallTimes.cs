using System.Collections.Immutable;

namespace VoiceAssistant.Local.Phone;

/// <summary>What was measured on one call so far; readable from any thread while the call runs.</summary>
internal sealed class CallTimes
{
    public TimeSpan? WebhookAnswer { get; }

    /// <summary>From dialling to the first stream's start message.</summary>
    public TimeSpan? Connected { get; }

    /// <summary>From the first stream's start to the server's first media message.</summary>
    public TimeSpan? FirstMedia { get; }

    /// <summary>From the first stream's start to the first sound the caller heard.</summary>
    public TimeSpan? FirstAudible { get; }

    /// <summary>Each turn's wait: from the end of what the caller said to the first sound of the answer.</summary>
    public ImmutableArray<TimeSpan> Answers { get; } = [];

    /// <summary>Each interruption: from the caller's first sound over the assistant to the assistant's silence.</summary>
    public ImmutableArray<TimeSpan> Interruptions { get; } = [];

    public long FramesSent { get; }

    /// <summary>Frames that held the server's audio; padding is not counted.</summary>
    public long FramesHeard { get; }

    /// <summary>Frames sent more than one frame after they were due, and frames skipped where the clock stood still for over a second.</summary>
    public long LateFrames { get; }

    /// <summary>Marks returned to the server.</summary>
    public long Marks { get; }

    public ImmutableArray<ProtocolWarning> Warnings { get; } = [];
}
