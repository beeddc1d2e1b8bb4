namespace Weir.Routing.Tailing;

/// <summary>Times and sizes of live tails.</summary>
public static class TailLimits
{
    /// <summary>How often the asker renews its order.</summary>
    public static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(3);

    /// <summary>An order that was not renewed for so long is dropped.</summary>
    public static readonly TimeSpan OrderLife = TimeSpan.FromSeconds(10);

    /// <summary>How often matching lines are sent to the asker.</summary>
    public static readonly TimeSpan SendEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Orders that a node follows at once.</summary>
    public const int OrdersMax = 32;

    /// <summary>Tails that a node's endpoint serves at once.</summary>
    public const int FeedsMax = 16;

    /// <summary>Bytes that wait for <see cref="SendEvery"/> on the node where lines are born: 1.3 MB a second an
    /// order. What is beyond is lost to the tail, and counted.</summary>
    public const int PendingBytesMax = 256 << 10;

    /// <summary>Bytes that wait for a reader.</summary>
    public const int FeedBytesMax = 1 << 20;

    /// <summary>Bytes of one line; the rest is cut off.</summary>
    public const int LineBytesMax = 16 << 10;

    /// <summary>Characters of a query.</summary>
    public const int QueryLengthMax = 4096;
}
