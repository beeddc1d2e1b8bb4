using System.Globalization;
using Weir.Cluster.Tests.Protos;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>What one endpoint was sent by a fleet: lines <c>HOST NUMBER …</c>, counted from 0 for each host and
/// tenant.</summary>
internal sealed class FleetCensus
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string Host), int> _next = [];
    private readonly Dictionary<string, long> _linesOf = [];
    private long _lines;
    private long _again;
    private long _early;
    private int _bodies;
    private int _bodiesOfSeveralHosts;

    /// <summary>Lines that came for the first time.</summary>
    public long Lines
    {
        get { lock (_gate) return _lines; }
    }

    /// <summary>Of one tenant.</summary>
    public long LinesOf(string tenant)
    {
        lock (_gate) return _linesOf.GetValueOrDefault(tenant);
    }

    /// <summary>Lines that had come before.</summary>
    public long Again
    {
        get { lock (_gate) return _again; }
    }

    /// <summary>Lines before which another one of their stream should have come.</summary>
    public long Early
    {
        get { lock (_gate) return _early; }
    }

    public (int All, int OfSeveralHosts) Bodies
    {
        get { lock (_gate) return (_bodies, _bodiesOfSeveralHosts); }
    }

    public void Add(string tenant, PushRequest request)
    {
        lock (_gate)
        {
            var hosts = new HashSet<string>(StringComparer.Ordinal);
            foreach (var stream in request.Streams)
            {
                foreach (var entry in stream.Entries)
                {
                    var words = entry.Line.ToStringUtf8().Split(' ', 3);
                    hosts.Add(words[0]);
                    Count((tenant, words[0]), int.Parse(words[1], CultureInfo.InvariantCulture));
                }
            }

            _bodies++;
            if (hosts.Count > 1) _bodiesOfSeveralHosts++;
        }
    }

    private void Count((string Tenant, string Host) stream, int number)
    {
        var next = _next.GetValueOrDefault(stream);
        if (number < next)
        {
            _again++;
            return;
        }

        if (number > next) _early++;
        _next[stream] = number + 1;
        _lines++;
        _linesOf[stream.Tenant] = _linesOf.GetValueOrDefault(stream.Tenant) + 1;
    }
}
