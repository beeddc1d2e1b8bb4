namespace Weir.Routing.Sharding;

/// <summary>What one lane owes of a message.</summary>
/// <param name="isDrained">It comes from the lane's parked queue, not from the shard's.</param>
internal sealed class LaneEntry(ShardMessage message, bool isDrained)
{
    public ShardMessage Message => message;

    public bool IsDrained => isDrained;

    public long Id => message.Fragment.Id;

    /// <summary>It may have been sent before, and nobody knows how that ended.</summary>
    public bool IsInDoubt { get; set; } = message.IsInDoubt;

    public bool IsDone { get; set; }

    /// <summary>The parked queue has it too: it need not be sent from here.</summary>
    public bool HasCopy { get; set; }

    public bool IsCopyOf(LaneEntry other)
    {
        var (one, two) = (message.Content.Fields, other.Message.Content.Fields);
        return one.Sequence == two.Sequence && one.Partition == two.Partition && one.Node == two.Node;
    }
}
