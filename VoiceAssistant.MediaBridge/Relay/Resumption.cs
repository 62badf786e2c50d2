using System.Text.Json;
using VoiceAssistant.Calls.Records;

namespace VoiceAssistant.MediaBridge.Relay;

internal static class Resumption
{
    /// <returns>Where a conversation goes on that another bridge has kept; null where there is none.</returns>
    public static ConversationSnapshot? Of(CallLease lease)
    {
        if (lease.Said is not { } said)
        {
            return null;
        }

        try
        {
            var snapshot = JsonSerializer.Deserialize(said, SnapshotJson.Default.ConversationSnapshot);
            // Nobody knows what was being said when the bridge died.
            return snapshot is { Turns.Count: > 0 } && lease.WasCutOff ? snapshot with { Open = OpenTurn.CutOff } : snapshot;
        }
        catch (JsonException)
        {
            // Another version's: better to begin anew than not at all.
            return null;
        }
    }
}
