using System.Globalization;
using System.Text.Json;

namespace Weir.Routing.Writers;

/// <param name="Timestamp">ns since the epoch.</param>
/// <param name="Metadata">Empty where the answer does not keep it apart from the labels.</param>
internal readonly record struct StoredEntry(
    long Timestamp, string Line, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Entries of one stream, or of one stream and set of metadata, as an endpoint answers them.</summary>
internal sealed record StoredStream(IReadOnlyDictionary<string, string> Labels, IReadOnlyList<StoredEntry> Entries);

/// <summary>A page of entries, read from the JSON of <c>query_range</c>.</summary>
/// <param name="IsCategorized">Metadata stands beside each entry, not among the labels.</param>
internal sealed record StoredEntries(IReadOnlyList<StoredStream> Streams, bool IsCategorized)
{
    // data > result > stream > values > value > metadata, and room for what newer versions nest.
    private const int DepthMax = 16;

    private const string Categorized = "categorize-labels";

    private static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    public int Count => Streams.Sum(stream => stream.Entries.Count);

    /// <summary>Newest entry, ns since the epoch.</summary>
    public long Until => Streams.SelectMany(stream => stream.Entries).Max(entry => entry.Timestamp);

    /// <returns>Null when it is not what Loki answers to a log query.</returns>
    public static StoredEntries? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = DepthMax });
            return Read(document.RootElement);
        }
        // InvalidOperationException: an element of another kind, or a string that holds half a surrogate pair.
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException
            or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static StoredEntries? Read(JsonElement root)
    {
        var data = root.GetProperty("data");
        if (root.GetProperty("status").GetString() != "success"
            || data.GetProperty("resultType").GetString() != "streams") return null;
        var isCategorized = data.TryGetProperty("encodingFlags", out var flags)
            && flags.ValueKind == JsonValueKind.Array
            && flags.EnumerateArray().Any(flag => flag.ValueEquals(Categorized));
        var streams = new List<StoredStream>();
        foreach (var element in data.GetProperty("result").EnumerateArray())
        {
            var labels = Texts(element.GetProperty("stream"));
            streams.Add(new StoredStream(
                labels, [.. element.GetProperty("values").EnumerateArray().Select(value => Entry(value))]));
        }

        return new StoredEntries(streams, isCategorized);
    }

    private static StoredEntry Entry(JsonElement value)
    {
        if (value.GetArrayLength() < 2 || !long.TryParse(
            value[0].GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var timestamp))
            throw new FormatException("an entry without a timestamp");
        var line = value[1].GetString() ?? throw new FormatException("a line that is no text");
        var hasMetadata = value.GetArrayLength() > 2
            && value[2].TryGetProperty("structuredMetadata", out _);
        return new StoredEntry(
            timestamp, line, hasMetadata ? Texts(value[2].GetProperty("structuredMetadata")) : NoMetadata);
    }

    private static Dictionary<string, string> Texts(JsonElement element)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
            texts[property.Name] = property.Value.GetString() ?? throw new FormatException("a label that is no text");
        return texts;
    }
}
