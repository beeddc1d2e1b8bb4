using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>The reading side of an endpoint in memory: answers as Loki does, from what it is told the endpoint holds,
/// unless a test has it answer something else.</summary>
public sealed partial class ScriptedLogQuery(Func<IEnumerable<ReceivedEntry>> held) : ILogQuery
{
    private readonly Lock _gate = new();
    private readonly List<LogQuery> _asked = [];

    /// <summary>Asked first; null answers from what the endpoint holds.</summary>
    public Func<LogQuery, QueryAnswer?> Instead { get; set; } = _ => null;

    /// <summary>Waited for before each answer.</summary>
    public Func<CancellationToken, ValueTask> Delay { get; set; } = _ => ValueTask.CompletedTask;

    /// <summary>Whether metadata stands beside each entry, as newer Lokis do when asked to.</summary>
    public bool IsCategorized { get; set; } = true;

    /// <summary>Labels that a Loki adds to each stream by itself; with a comma in front.</summary>
    public string Added { get; set; } = "";

    public IReadOnlyList<LogQuery> Asked
    {
        get
        {
            lock (_gate) return [.. _asked];
        }
    }

    public static QueryAnswer Status(int status) => new(QueryOutcome.Answered, status, "no", default);

    public static QueryAnswer Json(string json) =>
        new(QueryOutcome.Answered, 200, "", Encoding.UTF8.GetBytes(json));

    public async ValueTask<QueryAnswer> QueryAsync(LogQuery query, string tenant, CancellationToken cancel)
    {
        lock (_gate) _asked.Add(query);
        await Delay(cancel);
        if (Instead(query) is { } instead) return instead;
        var matchers = Matchers().Matches(query.Selector);
        var found = held().Where(entry => entry.Tenant == tenant && entry.Timestamp >= query.From
                && entry.Timestamp < query.To && IsMatch(matchers, LabelsOf(entry.Stream)))
            .Distinct().OrderBy(entry => entry.Timestamp).Take(query.Limit);
        return Json(Render(found));
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    private static bool IsMatch(MatchCollection matchers, Dictionary<string, string> labels) => matchers.All(matcher =>
    {
        var value = labels.GetValueOrDefault(matcher.Groups[1].Value, "");
        var wanted = Regex.Unescape(matcher.Groups[3].Value);
        return matcher.Groups[2].Value == "=" ? value == wanted : Regex.IsMatch(value, $"^(?:{wanted})$");
    });

    private static Dictionary<string, string> LabelsOf(string stream) => Matchers().Matches(stream)
        .ToDictionary(matcher => matcher.Groups[1].Value, matcher => Regex.Unescape(matcher.Groups[3].Value));

    private string Render(IEnumerable<ReceivedEntry> entries)
    {
        var streams = entries.GroupBy(entry => IsCategorized ? entry.Stream : entry.Stream + entry.Metadata)
            .Select(stream => $$"""{"stream":{{StreamOf(stream.First())}},"values":[{{Values(stream)}}]}""");
        var flags = IsCategorized ? "\"encodingFlags\":[\"categorize-labels\"]," : "";
        return $$"""
            {"status":"success","data":{"resultType":"streams",{{flags}}
            "result":[{{string.Join(',', streams)}}],"stats":{} } }
            """;
    }

    private string StreamOf(ReceivedEntry entry)
    {
        var labels = LabelsOf(entry.Stream + Added);
        if (!IsCategorized && entry.Metadata.Length > 0)
            foreach (var (name, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(entry.Metadata)!)
                labels[name] = value;
        return JsonSerializer.Serialize(labels);
    }

    private string Values(IEnumerable<ReceivedEntry> entries) => string.Join(',', entries.Select(entry =>
    {
        var timestamp = entry.Timestamp.ToString(CultureInfo.InvariantCulture);
        var metadata = !IsCategorized ? ""
            : entry.Metadata.Length == 0 ? ",{}" : $",{{\"structuredMetadata\":{entry.Metadata}}}";
        return $"[\"{timestamp}\",{JsonSerializer.Serialize(entry.Line)}{metadata}]";
    }));

    [GeneratedRegex(@"([a-zA-Z_][a-zA-Z0-9_]*)(=~|=)""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Matchers();
}
