using System.Buffers;
using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;
using Weir.Routing.LogQl;

namespace Weir.Node.Store;

/// <summary>An entry that a query let through.</summary>
/// <param name="Labels">The stream's, with what the stages made of them.</param>
internal sealed record FoundEntry(IReadOnlyDictionary<string, string> Labels, long Timestamp, string Line);

/// <summary>Runs a log query over the pushes of the store, oldest push first.</summary>
internal sealed class StoreReader(LogStore store, LabelSets labelSets)
{
    /// <param name="from">Inclusive, ns since the epoch.</param>
    /// <param name="to">Exclusive.</param>
    /// <param name="found">Gets each entry, in no order of time.</param>
    public void Read(
        string tenant, LogQuery query, long from, long to, Action<FoundEntry> found, CancellationToken cancel)
    {
        var streams = store.Streams(tenant).Where(stream => query.Selector.IsMatch(stream.Labels)).ToList();
        var wanted = streams.Select(stream => stream.Labels).ToHashSet();
        foreach (var push in store.Find(tenant, streams, from, to))
        {
            cancel.ThrowIfCancellationRequested();
            ReadPush(push.Body, query, wanted, from, to, found);
        }
    }

    /// <summary>Runs a log query over one push.</summary>
    /// <param name="wanted">The streams that the selector matches; null: it is asked.</param>
    public void ReadPush(
        ReadOnlySpan<byte> body, LogQuery query, HashSet<LabelSet>? wanted, long from, long to,
        Action<FoundEntry> found)
    {
        if (!SnappyDecoder.TryGetUncompressedLength(body, out var length)) return;
        var request = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            if (SnappyDecoder.TryDecompress(body, request, out var written))
                Walk(request.AsSpan(0, written), query, wanted, from, to, found);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(request);
        }
    }

    private void Walk(
        ReadOnlySpan<byte> request, LogQuery query, HashSet<LabelSet>? wanted, long from, long to,
        Action<FoundEntry> found)
    {
        var pipeline = new LogPipeline(query);
        var reader = new PushRequestReader(request);
        LabelSet? stream = null;
        for (var token = reader.Read(); token is PushToken.Stream or PushToken.Entry; token = reader.Read())
        {
            if (token == PushToken.Stream)
            {
                stream = PushDecoder.ParseLabels(Encoding.UTF8.GetString(reader.Labels), labelSets);
                var isWanted = stream is not null && (wanted?.Contains(stream) ?? query.Selector.IsMatch(stream));
                if (!isWanted) stream = null;
                continue;
            }

            if (stream is null || reader.Timestamp < from || reader.Timestamp >= to) continue;
            if (!pipeline.Run(stream, MetadataOf(reader.Metadata), reader.Line)) continue;
            var labels = new Dictionary<string, string>(pipeline.Labels, StringComparer.Ordinal);
            found(new FoundEntry(labels, reader.Timestamp, Encoding.UTF8.GetString(pipeline.LineOf(reader.Line))));
        }
    }

    private static List<Label> MetadataOf(MetadataReader metadata)
    {
        var labels = new List<Label>();
        while (metadata.Read())
            labels.Add(new Label(Encoding.UTF8.GetString(metadata.Name), Encoding.UTF8.GetString(metadata.Value)));
        return labels;
    }
}
