using Weir.Protocol.Batches;
using Weir.Protocol.Loki;

namespace Weir.Routing.Writers;

/// <summary>A stream of a push whose outcome is unknown, and the span of its entries.</summary>
/// <param name="labels">Those with a value: Loki drops the others.</param>
internal sealed class DoubtfulStream(IReadOnlyDictionary<string, string> labels)
{
    // What Loki adds to streams and entries by itself: the service, and the level that it reads from the line.
    private const string ServiceName = "service_name";
    private const string UnknownService = "unknown_service";
    private const string DetectedLevel = "detected_level";

    public IReadOnlyDictionary<string, string> Labels => labels;

    /// <summary>Names of the labels, sorted: streams with the same ones are asked for together.</summary>
    public string Signature { get; } = string.Join(',', labels.Keys.Order(StringComparer.Ordinal));

    public int Entries { get; private set; }

    /// <summary>Oldest entry, ns since the epoch.</summary>
    public long From { get; private set; } = long.MaxValue;

    /// <summary>Newest entry, ns since the epoch.</summary>
    public long Until { get; private set; } = long.MinValue;

    /// <returns>Null when the text names no stream.</returns>
    public static DoubtfulStream? Parse(ReadOnlySpan<byte> text)
    {
        var parsed = new List<Label>();
        if (!LabelText.TryParse(text, parsed, out _)) return null;
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in parsed)
            if (value.Length > 0) labels[name] = value;
        return labels.Count > 0 ? new DoubtfulStream(labels) : null;
    }

    public void Add(long timestamp)
    {
        Entries++;
        From = Math.Min(From, timestamp);
        Until = Math.Max(Until, timestamp);
    }

    /// <summary>Whether an answer's labels are those of this stream, save what Loki adds.</summary>
    /// <param name="more">Takes what else there is: metadata, where the answer does not keep it apart.</param>
    public bool IsNamedBy(IReadOnlyDictionary<string, string> answered, Dictionary<string, string> more)
    {
        more.Clear();
        foreach (var (name, value) in labels)
            if (!answered.TryGetValue(name, out var stored) || stored != value) return false;
        foreach (var (name, value) in answered)
            if (value.Length > 0 && !labels.ContainsKey(name) && !IsAdded(name, value)) more[name] = value;
        return true;
    }

    private bool IsAdded(string name, string value) =>
        name.StartsWith("__", StringComparison.Ordinal)
        || name == DetectedLevel
        || (name == ServiceName && (value == UnknownService || labels.Values.Contains(value)));
}
