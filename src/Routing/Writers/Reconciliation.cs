using System.Globalization;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>What a lookup came to. The words are those of the metrics.</summary>
internal enum LookupOutcome : byte
{
    /// <summary>The endpoint has all entries.</summary>
    Found,

    /// <summary>It has none of them.</summary>
    Missing,

    /// <summary>It has some of them.</summary>
    Partly,

    /// <summary>It lets nobody read: 401, 403, 404, …</summary>
    Refused,

    /// <summary>It gave no answer that could be read.</summary>
    Failed,

    /// <summary>No connection came about.</summary>
    Unreachable,

    /// <summary>Comparing would cost more than the bounds allow.</summary>
    SkippedOverLimit,
}

/// <param name="Rest">What was not found, where part of it was.</param>
/// <param name="Detail">What failed; never a secret.</param>
internal readonly record struct Lookup(LookupOutcome Outcome, PushBody? Rest = null, string Detail = "");

/// <summary>Asks an endpoint which entries of a push it has stored, when nobody knows how the push ended.</summary>
/// <remarks>Entries are compared by stream, timestamp, line and metadata; what is not surely the same counts as
/// missing, so that an error can double an entry and never lose one.</remarks>
/// <seealso href="docs/decisions/0015-reconciliation.md"/>
internal sealed class Reconciliation(LaneKey lane, EndpointSettings endpoint, string tenant, WriterContext context)
{
    // A push of unknown outcome is left alone for twice the shortest backoff, by default a second: an answer of 500, or
    // a broken connection, may come while the endpoint is still storing it.
    private const int SettleBackoffs = 2;

    private static readonly TimeSpan SettleTimeMax = TimeSpan.FromSeconds(1);

    /// <summary>Lookups in a row that may fail; then the push is sent again as it is.</summary>
    public const int FailuresMax = 3;

    /// <summary>Uncompressed bytes of a push that is looked up: four times the default <c>batch_size</c>.</summary>
    public const int PushBytesMax = 4 * 1024 * 1024;

    /// <summary>Queries that a lookup may take, pages included.</summary>
    public const int QueriesMax = 32;

    /// <summary>Bytes of all answers of a lookup.</summary>
    public const int AnswerBytesMax = 16 * 1024 * 1024;

    /// <summary>Entries of a page: what Loki allows by default.</summary>
    public const int PageEntriesMax = 5000;

    // A page is asked for as large as what is sought and some company of it; tiny ones would only take more queries.
    private const int PageEntriesMin = 100;

    // How Loki refuses a page: "limit > max_entries_limit_per_query (5000 > 1000)".
    private const string LimitRefusal = "limit > max_entries_limit";

    private readonly EndpointLookup? _lookup = endpoint.Lookup;
    private readonly LookupMetrics _metrics =
        context.Events.LookupMetricsOf(lane.Destination, endpoint.Host, tenant);

    /// <summary>How long a push of unknown outcome is left alone before it is looked up.</summary>
    public TimeSpan SettleTime { get; } =
        endpoint.BackoffMin * SettleBackoffs < SettleTimeMax ? endpoint.BackoffMin * SettleBackoffs : SettleTimeMax;

    private int _pageEntriesMax = PageEntriesMax;

    public bool IsOn => _lookup is { IsOn: true };

    /// <summary>Looks up the entries of a push. Waits while too many others are looked up.</summary>
    public async ValueTask<Lookup> FindAsync(PushBody push, CancellationToken cancel)
    {
        var charge = push.Facts.UncompressedLength;
        if (charge > PushBytesMax) return Conclude(new Lookup(LookupOutcome.SkippedOverLimit), push, 0);
        await _lookup!.Gate.EnterAsync(charge, cancel);
        try
        {
            if (!DoubtfulEntries.TryRead(push, out var entries))
                return Conclude(new Lookup(LookupOutcome.Failed, Detail: "its streams cannot be asked for"), push, 0);
            var stopped = await SearchAsync(entries, cancel);
            return Conclude(stopped ?? Compare(entries), push, entries.Found);
        }
        finally
        {
            _lookup.Gate.Exit(charge);
        }
    }

    /// <returns>Null when all was asked; else why not.</returns>
    private async ValueTask<Lookup?> SearchAsync(DoubtfulEntries entries, CancellationToken cancel)
    {
        var selectors = StreamSelectors.Of(entries.Streams);
        var (queries, bytes) = (QueriesMax, AnswerBytesMax);
        if (selectors.Count > queries) return new Lookup(LookupOutcome.SkippedOverLimit);
        foreach (var (selector, streams) in selectors)
        {
            var wanted = Math.Max(2 * streams.Sum(stream => stream.Entries), PageEntriesMin);
            var to = streams.Max(stream => stream.Until) + 1;
            for (var from = streams.Min(stream => stream.From); from < to;)
            {
                if (queries-- == 0) return new Lookup(LookupOutcome.SkippedOverLimit);
                _metrics.Queries.Increment();
                var limit = Math.Min(wanted, _pageEntriesMax);
                var answer = await _lookup!.Query.QueryAsync(
                    new LogQuery(selector, from, to, limit, bytes), tenant, cancel);
                if (AllowedEntries(answer) is { } allowed && allowed < limit)
                {
                    _pageEntriesMax = allowed;
                    continue;
                }

                if (Fault(answer) is { } fault) return fault;
                bytes -= answer.Body.Length;
                _metrics.AnswerBytes.Add((long)answer.Body.Length);
                if (StoredEntries.Read(answer.Body) is not { } page)
                    return new Lookup(LookupOutcome.Failed, Detail: "the answer is not what Loki answers to a query");
                Mark(entries, streams, page);
                if (page.Count < limit) break;
                // The last instant may have more than the page showed; a page of one instant alone cannot be passed.
                if (page.Until <= from) return new Lookup(LookupOutcome.SkippedOverLimit);
                from = page.Until;
            }
        }

        return null;
    }

    private static void Mark(DoubtfulEntries entries, IReadOnlyList<DoubtfulStream> streams, StoredEntries page)
    {
        var more = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var stored in page.Streams)
        {
            foreach (var stream in streams)
            {
                if (!stream.IsNamedBy(stored.Labels, more) || (page.IsCategorized && more.Count > 0)) continue;
                foreach (var entry in stored.Entries)
                {
                    var whole = page.IsCategorized ? entry : entry with { Metadata = more };
                    entries.Mark(stream, whole, page.IsCategorized);
                }
            }
        }
    }

    private Lookup Compare(DoubtfulEntries entries)
    {
        if (entries.Found == entries.Count) return new Lookup(LookupOutcome.Found);
        return entries.Found == 0
            ? new Lookup(LookupOutcome.Missing)
            : new Lookup(LookupOutcome.Partly, entries.Missing(context.Encoders));
    }

    /// <returns>The page that the endpoint allows, where it refused one for being larger.</returns>
    private static int? AllowedEntries(in QueryAnswer answer)
    {
        if (answer.Status != 400 || !answer.Detail.Contains(LimitRefusal, StringComparison.Ordinal)) return null;
        var number = answer.Detail.AsSpan(answer.Detail.LastIndexOf("> ", StringComparison.Ordinal) + 2);
        var end = number.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(end < 0 ? number : number[..end], CultureInfo.InvariantCulture, out var allowed)
            && allowed > 0 ? allowed : null;
    }

    private static Lookup? Fault(in QueryAnswer answer) => answer.Outcome switch
    {
        QueryOutcome.Unreachable => new Lookup(LookupOutcome.Unreachable, Detail: answer.Detail),
        QueryOutcome.Failed => new Lookup(LookupOutcome.Failed, Detail: answer.Detail),
        QueryOutcome.TooLarge => new Lookup(LookupOutcome.SkippedOverLimit),
        _ => answer.Status switch
        {
            200 => null,
            // The query, not the asking: its range, its size, the rate. Another push may have better luck.
            400 or 408 or 413 or 422 or 425 or 429 or >= 500 and not 501 =>
                new Lookup(LookupOutcome.Failed, Detail: $"status {answer.Status}: {answer.Detail}"),
            // 401, 403, 404, 405, 501, a redirect to a login page: it is not for us to read.
            _ => new Lookup(LookupOutcome.Refused, Detail: $"status {answer.Status}: {answer.Detail}"),
        },
    };

    private Lookup Conclude(Lookup lookup, PushBody push, int found)
    {
        _metrics.Outcome(lookup.Outcome).Increment();
        if (lookup.Outcome is LookupOutcome.Found or LookupOutcome.Missing or LookupOutcome.Partly)
        {
            _metrics.Entries("found").Add((long)found);
            _metrics.Entries("missing").Add((long)(push.Facts.Entries - found));
        }

        var isOff = lookup.Outcome == LookupOutcome.Refused && _lookup!.TurnOff();
        context.Events.PushLookedUp(lane, lookup, push.Facts.Entries, found, isOff);
        return lookup;
    }
}
