using System.Text.Unicode;
using Weir.Node.Store;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Routing.Components;

namespace Weir.Node.Sources.Api;

/// <summary>Makes batches of one request: all of it, or nothing where it is malformed.</summary>
/// <param name="tenant">"" where the request names none.</param>
internal sealed class PushedLines(IComponentHost host, ApiSourceOptions options, string tenant)
{
    private const int BatchLinesMax = 4096;
    private const string JobLabel = "job";
    private const string TenantLabel = "__tenant_id__";

    // A replacement takes three bytes, and may stand for a single one.
    private const int CleanGrowthMax = 3;

    private readonly List<LogBatch> _batches = [];
    private long _now = (host.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    public IReadOnlyList<LogBatch> Batches => _batches;

    public int Count { get; private set; }

    /// <summary>Entries whose stream a rule drops.</summary>
    public int Unwanted { get; private set; }

    /// <param name="request">A <c>PushRequest</c>.</param>
    /// <exception cref="PushException">It is malformed: the message says how. Nothing of it is kept.</exception>
    public void Read(ReadOnlySpan<byte> request)
    {
        LabelSet? labels = null;
        var reader = new PushRequestReader(request);
        while (true)
        {
            switch (reader.Read())
            {
                case PushToken.Stream:
                    labels = LabelsOf(reader.Labels);
                    break;
                case PushToken.Entry when labels is null:
                    Unwanted++;
                    break;
                case PushToken.Entry:
                    Add(ref reader, labels);
                    break;
                case PushToken.Fault:
                    Discard();
                    throw new PushException($"{reader.Fault} at byte {reader.Offset} of the push request");
                default:
                    return;
            }
        }
    }

    /// <param name="text">A line each, without labels of their own.</param>
    public void ReadRaw(ReadOnlySpan<byte> text)
    {
        var labels = WithTenant(options.Labels);
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = (end < 0 ? text : text[..end]).TrimEnd((byte)'\r');
            text = end < 0 ? default : text[(end + 1)..];
            if (!line.IsEmpty) Add(_now++, labels, line);
        }
    }

    /// <summary>Lets go of all lines.</summary>
    public void Discard()
    {
        foreach (var batch in _batches) batch.Dispose();
        _batches.Clear();
    }

    private void Add(ref PushRequestReader reader, LabelSet labels)
    {
        // Equal lines of equal times are one for Loki, so each line that comes gets a nanosecond of its own.
        var timestamp = options.UseIncomingTimestamp ? reader.Timestamp : _now++;
        var batch = Add(timestamp, labels, reader.Line);
        var metadata = reader.Metadata;
        var (start, length) = (0, 0);
        while (metadata.Read())
        {
            var span = batch.Reserve(PushRequestWriter.MetadataBytes(metadata.Name.Length, metadata.Value.Length)).Span;
            var written = PushRequestWriter.WriteMetadata(span, metadata.Name, metadata.Value);
            var at = batch.Advance(written);
            if (length == 0) start = at;
            length += written;
        }

        (batch[batch.Count - 1].MetadataStart, batch[batch.Count - 1].MetadataLength) = (start, length);
    }

    private LogBatch Add(long timestamp, LabelSet labels, ReadOnlySpan<byte> line)
    {
        if (_batches.Count == 0 || _batches[^1].Count >= BatchLinesMax
            || _batches[^1].BytesUsed + line.Length > LogBatch.ArenaDefault) _batches.Add(new LogBatch());
        var batch = _batches[^1];
        Count++;
        if (Utf8.IsValid(line))
        {
            batch.Add(timestamp, labels, line, resume: 0);
            return batch;
        }

        var room = batch.Reserve(line.Length * CleanGrowthMax).Span;
        FieldText.Clean(line, room, out var length);
        batch.Add(timestamp, labels, batch.Advance(length), length, resume: 0);
        return batch;
    }

    /// <returns>Null: a rule drops the stream.</returns>
    private LabelSet? LabelsOf(ReadOnlySpan<byte> text)
    {
        var parsed = new List<Label>();
        if (!LabelText.TryParse(text, parsed, out var fault))
        {
            Discard();
            throw new PushException($"couldn't parse labels: {fault}");
        }

        var labels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in parsed) labels[name] = value;
        foreach (var (name, value) in options.Labels) labels[name] = value;
        return options.RelabelRules.Apply(labels) is { } kept ? WithTenant(kept) : null;
    }

    /// <summary>Hidden labels go, the tenant comes; where no label is left, the component's id is the job.</summary>
    private LabelSet WithTenant(IReadOnlyDictionary<string, string> labels)
    {
        var shown = labels.Where(label => !label.Key.StartsWith(LabelSet.HiddenPrefix, StringComparison.Ordinal)
            && label.Value.Length > 0).Select(label => new Label(label.Key, label.Value)).ToList();
        if (shown.Count == 0) shown.Add(new Label(JobLabel, host.Id));
        if (tenant.Length > 0) shown.Add(new Label(TenantLabel, tenant));
        return host.Labels.Of([.. shown]);
    }
}
