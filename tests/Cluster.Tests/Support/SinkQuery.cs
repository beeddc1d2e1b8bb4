using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Weir.Cluster.Tests.Support;

/// <summary>A <c>query_range</c> with a selector of labels, as Loki answers it.</summary>
internal sealed partial class SinkQuery(string tenant, MatchCollection matchers, long from, long to, int limit)
{
    public const string Path = "/loki/api/v1/query_range";

    public static SinkQuery Of(HttpRequest request) => new(
        request.Headers["X-Scope-OrgID"].ToString(), Labels().Matches(request.Query["query"].ToString()),
        Number(request, "start"), Number(request, "end"), (int)Number(request, "limit"));

    public object Answer(IEnumerable<Arrival> arrivals)
    {
        var found = arrivals
            .Where(arrival => arrival.Tenant == tenant && arrival.Timestamp >= from && arrival.Timestamp < to
                && IsMatch(LabelsOf(arrival)))
            .Distinct().OrderBy(arrival => arrival.Timestamp).Take(limit);
        var result = found.GroupBy(arrival => arrival.Stream).Select(stream => new
        {
            stream = LabelsOf(stream.First()),
            values = stream.Select(arrival => new object[]
            {
                arrival.Timestamp.ToString(CultureInfo.InvariantCulture), arrival.Line, new { },
            }),
        });
        return new
        {
            status = "success",
            data = new { resultType = "streams", encodingFlags = new[] { "categorize-labels" }, result },
        };
    }

    private static long Number(HttpRequest request, string name) =>
        long.Parse(request.Query[name].ToString(), CultureInfo.InvariantCulture);

    private static Dictionary<string, string> LabelsOf(Arrival arrival) => Labels().Matches(arrival.Stream)
        .ToDictionary(label => label.Groups[1].Value, label => Regex.Unescape(label.Groups[3].Value));

    private bool IsMatch(Dictionary<string, string> labels) => matchers.All(matcher =>
    {
        var value = labels.GetValueOrDefault(matcher.Groups[1].Value, "");
        var wanted = Regex.Unescape(matcher.Groups[3].Value);
        return matcher.Groups[2].Value == "=" ? value == wanted : Regex.IsMatch(value, $"^(?:{wanted})$");
    });

    [GeneratedRegex(@"([a-zA-Z_]\w*)(=~|=)""((?:[^""\\]|\\.)*)""")]
    private static partial Regex Labels();
}
