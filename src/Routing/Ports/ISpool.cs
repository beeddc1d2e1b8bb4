using System.Buffers;
using Weir.Protocol.Batches;
using Weir.Protocol.Fragments;

namespace Weir.Routing.Ports;

/// <summary>What builds fragments together: a destination (the id of a <c>loki.write</c>), a tenant ("" for none) and
/// the partition within.</summary>
public readonly record struct FragmentKey(string Destination, string Tenant, int Partition);

/// <summary>What shares credentials, order and rate limits: an endpoint and a tenant, and the partition where
/// streams are
/// spread over several.</summary>
/// <param name="Tenant">As in the <see cref="FragmentKey"/>: "" where entries name none; the endpoint may put its
/// own.</param>
public readonly record struct LaneKey(string Destination, string Endpoint, string Tenant, int Partition);

/// <summary>What is known of a fragment without decoding it.</summary>
/// <param name="UncompressedLength">Bytes of the PushRequest.</param>
/// <param name="Entries">Log entries in it.</param>
/// <param name="LineBytes">Bytes of the lines alone, what Loki's limits and Alloy's batch_size count.</param>
/// <param name="TimestampMin">Oldest entry, ns since the epoch.</param>
/// <param name="TimestampMax">Newest entry, ns since the epoch.</param>
public readonly record struct FragmentFacts(
    int UncompressedLength, int Entries, int LineBytes, long TimestampMin, long TimestampMax)
{
    public static FragmentFacts Of(in FragmentHeader header) => new(
        header.UncompressedLength, header.EntryCount, header.LineBytes, header.TimestampMin, header.TimestampMax);

    /// <summary>For <see cref="FragmentMessage.Write"/>, which sets the payload's length and checksum.</summary>
    public FragmentHeader ToHeader() => new()
    {
        Kind = FragmentKind.LokiPush,
        PayloadLength = 0,
        UncompressedLength = UncompressedLength,
        EntryCount = Entries,
        LineBytes = LineBytes,
        TimestampMin = TimestampMin,
        TimestampMax = TimestampMax,
        PayloadChecksum = 0,
    };
}

/// <summary>An encoded, compressed piece of a push request on its way into the spool.</summary>
/// <param name="Endpoints">The endpoints it is owed to; each acknowledges on its own.</param>
/// <param name="Body">A Snappy block with its preamble. Owned by the fragment; never changed after sealing.</param>
public sealed record SealedFragment(
    FragmentKey Key, IReadOnlyList<string> Endpoints, FragmentFacts Facts, ReadOnlyMemory<byte> Body);

/// <summary>A fragment that the spool holds for a lane.</summary>
/// <param name="Id">Grows in the order of commits; a lane sends in this order.</param>
public sealed record StoredFragment(long Id, FragmentKey Key, FragmentFacts Facts, ReadOnlyMemory<byte> Body)
{
    /// <summary>Of the body's memory where <see cref="ISpool.ReadAsync"/> rented it, else null. Whoever read the
    /// fragment disposes it once, and uses the body no more.</summary>
    public IMemoryOwner<byte>? Memory { get; init; }
}

/// <summary>The endpoint has it, or it became a dead letter: the spool owes it no longer.</summary>
public readonly record struct Acknowledgement(long FragmentId, string Endpoint);

/// <summary>Entries that an endpoint refused for good, kept with the reason.</summary>
/// <param name="Body">A Snappy block of a PushRequest with just these entries.</param>
/// <param name="Reason">The word for metrics: <c>ingester_error</c>, <c>rate_limited</c>…</param>
/// <param name="Detail">What the endpoint answered, cut to 1 KiB; never a secret.</param>
public sealed record DeadLetter(
    LaneKey Lane, FragmentFacts Facts, ReadOnlyMemory<byte> Body,
    string Reason, int StatusCode, string Detail, DateTimeOffset At);

/// <summary>A dead letter as the spool lists it.</summary>
public sealed record StoredDeadLetter(long Id, DeadLetter Letter);

/// <summary>One atomic, durable step: all of it or nothing. Its memory is the caller's again when the commit
/// returns.</summary>
public sealed record SpoolTransaction
{
    public IReadOnlyList<SealedFragment> Fragments { get; init; } = [];
    public IReadOnlyList<SourcePosition> Positions { get; init; } = [];

    /// <summary>Removed before <see cref="Positions"/> are written: the same source may have begun anew.</summary>
    public IReadOnlyList<SourceKey> Forgotten { get; init; } = [];
    public IReadOnlyList<Acknowledgement> Acknowledged { get; init; } = [];
    public IReadOnlyList<DeadLetter> DeadLetters { get; init; } = [];
}

/// <summary>What a lane has waiting.</summary>
/// <param name="FirstId">The lowest id owed.</param>
/// <param name="LastId">The highest id owed.</param>
public readonly record struct LaneBacklog(
    LaneKey Lane, long Fragments, long Bytes, long FirstId, long LastId, DateTimeOffset OldestAt)
{
    /// <summary>As <see cref="ISpool.NoteSending"/> was told last: what is still owed up to here may have reached the
    /// endpoint. 0 when nothing was sent.</summary>
    public long BegunTo { get; init; }
}

/// <param name="Bytes">On disk, dead letters included.</param>
/// <param name="BytesMax">The budget; at it the spool takes no more fragments, and sources stop reading.</param>
public readonly record struct SpoolUsage(
    long Bytes, long BytesMax, long Fragments, long DeadLetters, long DeadLetterBytes);

/// <summary>The node's durable queue of fragments and its source positions.</summary>
/// <remarks>One caller of <see cref="CommitAsync"/> at a time (the committer); reads may come from any thread
/// meanwhile.</remarks>
public interface ISpool : IAsyncDisposable
{
    SpoolUsage Usage { get; }

    /// <summary>Makes the transaction durable.</summary>
    /// <returns>The fragments as stored, in order, with their ids.</returns>
    /// <exception cref="SpoolFullException">It holds fragments and there is no room; nothing changed. Without fragments
    /// it always succeeds.</exception>
    /// <exception cref="IOException">The disk failed; nothing changed.</exception>
    ValueTask<IReadOnlyList<StoredFragment>> CommitAsync(SpoolTransaction transaction, CancellationToken cancel);

    /// <summary>The next fragments owed to a lane, in order of id.</summary>
    /// <param name="afterId">Exclusive.</param>
    /// <param name="bytesMax">Of bodies; one fragment is returned even when it is larger.</param>
    ValueTask<IReadOnlyList<StoredFragment>> ReadAsync(
        LaneKey lane, long afterId, int fragmentsMax, long bytesMax, CancellationToken cancel);

    /// <summary>What is owed, a row a lane: how writers begin after a start, and what gauges show.</summary>
    ValueTask<IReadOnlyList<LaneBacklog>> ListBacklogsAsync(CancellationToken cancel);

    /// <summary>Notes, before the push that carries it begins, the highest fragment of a lane that may reach its
    /// endpoint. From any thread, at once.</summary>
    /// <remarks>It survives the process, and is not synced: what a power failure takes of it only means that such a
    /// fragment is sent again without asking whether it arrived.</remarks>
    void NoteSending(LaneKey lane, long fragmentId);

    /// <summary>All positions committed so far, as they stood when the spool was opened; the committer keeps them
    /// current from then on.</summary>
    IReadOnlyList<SourcePosition> PositionsAtOpen { get; }

    /// <param name="afterId">Exclusive; 0 from the start.</param>
    ValueTask<IReadOnlyList<StoredDeadLetter>> ListDeadLettersAsync(
        long afterId, int countMax, CancellationToken cancel);

    /// <summary>Makes fragments of dead letters again, owed to the endpoint that refused them.</summary>
    /// <returns>How many.</returns>
    ValueTask<int> ResendDeadLettersAsync(IReadOnlyList<long> ids, CancellationToken cancel);
}

/// <summary>The spool's disk budget is used up.</summary>
public sealed class SpoolFullException(SpoolUsage usage)
    : IOException(
        $"the spool holds {usage.Bytes} of {usage.BytesMax} bytes: it takes more when endpoints take what it holds");
