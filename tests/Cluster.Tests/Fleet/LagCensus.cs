using System.Diagnostics;
using System.Globalization;
using Weir.Cluster.Tests.Protos;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>How long lines took from the file to an endpoint, of those written from here on.</summary>
internal sealed class LagCensus(FleetLoad load)
{
    private readonly Lock _gate = new();
    private readonly long _since = Stopwatch.GetTimestamp();
    private readonly Dictionary<(string Tenant, string Host), (int Lines, TimeSpan Worst)> _files = [];

    /// <summary>The worst of each host and tenant but one.</summary>
    public IReadOnlyList<((string Tenant, string Host) File, int Lines, TimeSpan Worst)> Without(string tenant)
    {
        lock (_gate)
        {
            return [.. _files.Where(file => file.Key.Tenant != tenant)
                .Select(file => (file.Key, file.Value.Lines, file.Value.Worst))];
        }
    }

    public void Add(string tenant, PushRequest request)
    {
        lock (_gate)
        {
            foreach (var entry in request.Streams.SelectMany(stream => stream.Entries))
            {
                var words = entry.Line.ToStringUtf8().Split(' ', 3);
                Add((tenant, words[0]), int.Parse(words[1], CultureInfo.InvariantCulture));
            }
        }
    }

    private void Add((string Tenant, string Host) file, int number)
    {
        var writtenAt = load.WrittenAt(file, number);
        if (writtenAt < _since) return;
        var lag = Stopwatch.GetElapsedTime(writtenAt);
        var (lines, worst) = _files.GetValueOrDefault(file);
        _files[file] = (lines + 1, lag > worst ? lag : worst);
    }
}
