using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

internal sealed partial class ShardTenure
{
    /// <summary>Notes tell which lanes are parked; they stay in hand as long as that is so.</summary>
    private readonly List<BrokerMessage> _notes = [];

    private void HoldNote(BrokerMessage note) => _notes.Add(note);
}
