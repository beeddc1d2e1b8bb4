using System.Globalization;
using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>Goes through all that an endpoint was sent: lines <c>HOST NUMBER …</c>, counted from 0 for each host and
/// tenant.</summary>
internal sealed class FleetAudit
{
    private const int ExamplesMax = 5;

    private readonly Dictionary<(string Tenant, string Host), List<Arrival>> _firsts = [];
    private readonly List<string> _faults = [];

    public FleetAudit(IEnumerable<Arrival> arrivals)
    {
        foreach (var arrival in arrivals) Add(arrival);
    }

    /// <summary>Entries that had come before, the same to the last byte.</summary>
    public int Replays { get; private set; }

    /// <summary>Different lines.</summary>
    public int Lines => _firsts.Values.Sum(lines => lines.Count);

    /// <summary>Lines that came out of order, or again with other bytes.</summary>
    public string Faults => string.Join('\n', _faults.Take(ExamplesMax));

    /// <summary>What is missing of what was written; "" for nothing.</summary>
    public string Missing(IReadOnlyDictionary<(string Tenant, string Host), int> written) => string.Join(", ", written
        .Select(file => (file.Key, Missing: file.Value - CountOf(file.Key)))
        .Where(file => file.Missing != 0).Select(file => $"{file.Missing} of {file.Key}"));

    private int CountOf((string Tenant, string Host) file) =>
        _firsts.TryGetValue(file, out var lines) ? lines.Count : 0;

    private void Add(Arrival arrival)
    {
        var words = arrival.Line.Split(' ', 3);
        var number = int.Parse(words[1], CultureInfo.InvariantCulture);
        var file = (arrival.Tenant, words[0]);
        if (!_firsts.TryGetValue(file, out var lines)) _firsts[file] = lines = [];
        if (number == lines.Count) lines.Add(arrival);
        else if (number > lines.Count) _faults.Add($"{file}: line {number} came before line {lines.Count}");
        else if (lines[number] == arrival) Replays++;
        else _faults.Add($"{file}: line {number} came again at {arrival.Timestamp}, not {lines[number].Timestamp}");
    }
}
