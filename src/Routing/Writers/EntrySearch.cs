using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>The cold path: finds the entries that an endpoint refuses, and sends in parts what is too large at
/// once.</summary>
/// <remarks>
/// After a 400 the valid entries are stored. Where the endpoint says what it has, the others are found by that. Else a
/// half that is sent again tells on which side the invalid ones are, and Loki shows one copy of what it gets twice: one
/// invalid entry takes log2 steps.
/// </remarks>
internal sealed class EntrySearch
{
    /// <summary>Pushes that a search may take; what is undecided then becomes a dead letter as a whole.</summary>
    public const int ProbesMax = 64;

    private readonly Func<PushBody, CancellationToken, ValueTask<Settlement>> _settle;
    private readonly Func<PushBody, CancellationToken, ValueTask<Lookup?>>? _lookUp;
    private readonly Action<ReadOnlyMemory<byte>, FragmentFacts, Settlement> _bury;
    private readonly SnappyEncoders _encoders;
    private byte[] _request = [];
    private bool _storesValid;
    private int _probes;

    /// <param name="lookUp">Says what the endpoint has of a push, or null where it does not tell; null where nobody
    /// asks.</param>
    public EntrySearch(
        Func<PushBody, CancellationToken, ValueTask<Settlement>> settle,
        Func<PushBody, CancellationToken, ValueTask<Lookup?>>? lookUp,
        Action<ReadOnlyMemory<byte>, FragmentFacts, Settlement> bury,
        SnappyEncoders encoders)
    {
        _settle = settle;
        _lookUp = lookUp;
        _bury = bury;
        _encoders = encoders;
    }

    /// <summary>Settles every entry of the fragments, whose joined push was answered with <paramref
    /// name="settled"/>.</summary>
    public async ValueTask ResolveAsync(IReadOnlyList<LaneItem> items, Settlement settled, CancellationToken cancel)
    {
        if (!TryDecode(items.Select(item => (item.Fragment.Body, item.Fragment.Facts)), out var entries))
        {
            foreach (var item in items) _bury(item.Fragment.Body, item.Fragment.Facts, settled);
            return;
        }

        await ResolveAsync(entries, settled, storesValid: false, cancel);
    }

    /// <summary>Settles every entry of a push of one block.</summary>
    /// <param name="storesValid">The endpoint was seen to store a part of a push that it answered with 400.</param>
    public async ValueTask ResolveAsync(
        PushBody push, Settlement settled, bool storesValid, CancellationToken cancel)
    {
        if (TryDecode([(push.Pieces[0], push.Facts)], out var entries))
            await ResolveAsync(entries, settled, storesValid, cancel);
        else _bury(push.Pieces[0], push.Facts, settled);
    }

    private async ValueTask ResolveAsync(
        int entries, Settlement settled, bool storesValid, CancellationToken cancel)
    {
        _storesValid = storesValid;
        _probes = 0;
        await ResolveAsync(0, entries, settled, cancel);
        _request = [];
    }

    private async ValueTask ResolveAsync(int first, int count, Settlement settled, CancellationToken cancel)
    {
        switch (settled.Decision.Verdict)
        {
            case Verdict.Accepted:
                return;
            case Verdict.TooLarge when count > 1:
                await SendAsync(first, count / 2, cancel);
                await SendAsync(first + count / 2, count - count / 2, cancel);
                return;
            case Verdict.Invalid when count > 1:
                await SearchAsync(first, count, settled, cancel);
                return;
            default:
                Bury(first, count, settled);
                return;
        }
    }

    private async ValueTask<Verdict> SendAsync(int first, int count, CancellationToken cancel)
    {
        var (facts, body) = Slice(first, count);
        var settled = await _settle(new PushBody([body], facts), cancel);
        // Part of it was found stored: the verdict is on the rest alone, which is searched on its own.
        if (settled.Rest is { } rest)
        {
            await new EntrySearch(_settle, _lookUp, _bury, _encoders)
                .ResolveAsync(rest, settled, storesValid: false, cancel);
        }
        else await ResolveAsync(first, count, settled, cancel);
        return settled.Decision.Verdict;
    }

    private async ValueTask SearchAsync(int first, int count, Settlement settled, CancellationToken cancel)
    {
        var refused = RefusalText.Find(settled.Detail, _request, first, count);
        if (refused.Count > 0)
        {
            foreach (var (start, length) in refused) Bury(start, length, settled);
            return;
        }

        if (await IsNarrowedAsync(first, count, settled, cancel)) return;
        if (_probes++ >= ProbesMax)
        {
            Bury(first, count, settled);
            return;
        }

        var half = count / 2;
        var left = await SendAsync(first, half, cancel);
        // With the left half accepted, the invalid ones are on the right: no need to ask.
        if (left == Verdict.Accepted) await ResolveAsync(first + half, count - half, settled, cancel);
        else await SendAsync(first + half, count - half, cancel);
    }

    /// <summary>What the endpoint has needs no search, and must not come again.</summary>
    /// <returns>False when a search is needed.</returns>
    private async ValueTask<bool> IsNarrowedAsync(int first, int count, Settlement settled, CancellationToken cancel)
    {
        if (_lookUp is null) return false;
        var (facts, body) = Slice(first, count);
        if (await _lookUp(new PushBody([body], facts), cancel) is not { } lookup) return false;
        switch (lookup.Outcome)
        {
            case LookupOutcome.Found:
                return true;
            case LookupOutcome.Partly:
                var again = await _settle(lookup.Rest!, cancel);
                await new EntrySearch(_settle, _lookUp, _bury, _encoders)
                    .ResolveAsync(again.Rest ?? lookup.Rest!, again, storesValid: true, cancel);
                return true;
            case LookupOutcome.Missing when _storesValid:
                _bury(body, facts, settled); // whatever is valid of it would have been stored
                return true;
            default:
                return false;
        }
    }

    private void Bury(int first, int count, Settlement settled)
    {
        var (facts, body) = Slice(first, count);
        _bury(body, facts, settled);
    }

    private (FragmentFacts Facts, ReadOnlyMemory<byte> Body) Slice(int first, int count)
    {
        var part = new byte[_request.Length];
        var length = PushRequestSlice.Write(_request, first, count, part);
        var body = _encoders.Compress(part.AsSpan(0, length));
        var copy = body.Memory.ToArray();
        body.Release();
        return (PushBody.FactsOf(part.AsSpan(0, length)), copy);
    }

    private bool TryDecode(IEnumerable<(ReadOnlyMemory<byte> Body, FragmentFacts Facts)> blocks, out int entries)
    {
        entries = 0;
        _request = new byte[blocks.Sum(block => block.Facts.UncompressedLength)];
        var used = 0;
        foreach (var (body, _) in blocks)
        {
            if (!SnappyDecoder.TryDecompress(body.Span, _request.AsSpan(used), out var written)) return false;
            used += written;
        }

        return PushRequestSlice.TryCount(_request, out _, out entries);
    }
}
