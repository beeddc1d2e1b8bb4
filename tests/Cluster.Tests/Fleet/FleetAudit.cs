using System.Globalization;
using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>Goes through all that an endpoint was sent: lines <c>HOST NUMBER …</c>, counted from 0 for each host and
/// tenant.</summary>
internal sealed class FleetAudit
{
    private const int ExamplesMax = 5;

    private readonly Dictionary<(string Tenant, string Host), Stream> _streams = [];
    private readonly List<string> _faults = [];

    public FleetAudit(IEnumerable<Arrival> arrivals)
    {
        foreach (var arrival in arrivals) Add(arrival);
    }

    /// <summary>Entries that had come before, the same to the last byte.</summary>
    public int Replays { get; private set; }

    /// <summary>Different lines.</summary>
    public int Lines => _streams.Values.Sum(stream => stream.Firsts.Count);

    /// <summary>Lines that came out of order, or again with other bytes; "" for none.</summary>
    public string Faults => _faults.Count == 0 ? ""
        : $"{_faults.Count} faults:\n{string.Join('\n', _faults.Take(ExamplesMax))}";

    /// <summary>What is missing of what was written; "" for nothing.</summary>
    public string Missing(IReadOnlyDictionary<(string Tenant, string Host), int> written) => string.Join(", ", written
        .Select(file => (file.Key, Missing: MissingOf(file.Key, file.Value))).Where(file => file.Missing.Length > 0)
        .Select(file => $"of {file.Key} {file.Missing}"));

    private string MissingOf((string Tenant, string Host) file, int written)
    {
        var firsts = _streams.GetValueOrDefault(file)?.Firsts ?? [];
        var missing = Enumerable.Range(0, written).Where(number => !firsts.ContainsKey(number)).ToArray();
        return missing.Length == 0 ? "" : $"{missing.Length} from {missing[0]} to {missing[^1]}";
    }

    private void Add(Arrival arrival)
    {
        var words = arrival.Line.Split(' ', 3);
        var number = int.Parse(words[1], CultureInfo.InvariantCulture);
        var file = (arrival.Tenant, words[0]);
        if (!_streams.TryGetValue(file, out var stream)) _streams[file] = stream = new Stream();
        if (stream.Firsts.TryGetValue(number, out var first))
        {
            if (first == arrival) Replays++;
            else _faults.Add($"{file}: line {number} came again at {arrival.Timestamp}, not {first.Timestamp}");
            return;
        }

        stream.Firsts[number] = arrival;
        if (number > stream.Next) _faults.Add($"{file}: line {number} came before line {stream.Next}");
        if (number < stream.Next) _faults.Add($"{file}: line {number} came after line {stream.Next - 1}");
        stream.Next = Math.Max(stream.Next, number + 1);
    }

    private sealed class Stream
    {
        public Dictionary<int, Arrival> Firsts { get; } = [];

        /// <summary>After the highest number so far.</summary>
        public int Next { get; set; }
    }
}
