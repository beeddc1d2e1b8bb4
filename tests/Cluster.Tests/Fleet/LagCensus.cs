using System.Diagnostics;
using System.Globalization;
using Weir.Cluster.Tests.Protos;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>How long lines took from the file to an endpoint, of those written from here on.</summary>
internal sealed class LagCensus(FleetLoad load)
{
    private readonly Lock _gate = new();
    private readonly long _since = Stopwatch.GetTimestamp();
    private readonly Dictionary<(string Tenant, string Host), FileLag> _files = [];

    /// <summary>Of each host and tenant but one.</summary>
    public IReadOnlyDictionary<(string Tenant, string Host), FileLag> Without(string tenant)
    {
        lock (_gate) return _files.Where(file => file.Key.Tenant != tenant).ToDictionary();
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
        var before = _files.GetValueOrDefault(file);
        _files[file] = lag > before.Worst
            ? new FileLag(before.Lines + 1, lag, Stopwatch.GetElapsedTime(_since, writtenAt))
            : before with { Lines = before.Lines + 1 };
    }
}

/// <param name="WorstAfter">When the line was written that took longest, counted from the beginning.</param>
internal readonly record struct FileLag(int Lines, TimeSpan Worst, TimeSpan WorstAfter);
