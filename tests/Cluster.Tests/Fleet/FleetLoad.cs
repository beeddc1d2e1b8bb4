using System.Diagnostics;

namespace Weir.Cluster.Tests.Fleet;

/// <summary>Applications that go on logging: to each host's file of each tenant some lines now and then.</summary>
internal sealed class FleetLoad(FleetFixture fleet, string[] hosts, string[] tenants, Random random) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly Dictionary<(string Tenant, string Host), List<long>> _writtenAt = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _writing = Task.CompletedTask;

    /// <summary>All files together.</summary>
    public int Lines
    {
        get { lock (_gate) return _writtenAt.Values.Sum(lines => lines.Count); }
    }

    /// <summary>Writes a first line to each file, and goes on until stopped.</summary>
    public void Start()
    {
        foreach (var host in hosts)
            foreach (var tenant in tenants) Write(host, tenant, 1);
        _writing = WriteAsync();
    }

    /// <summary>Numbered on from the last ones.</summary>
    /// <param name="noise">Lines that compress little; null: much.</param>
    public void Write(string host, string tenant, int lines, Random? noise = null)
    {
        lock (_gate)
        {
            if (!_writtenAt.TryGetValue((tenant, host), out var writtenAt)) _writtenAt[(tenant, host)] = writtenAt = [];
            var from = writtenAt.Count;
            writtenAt.AddRange(Enumerable.Repeat(Stopwatch.GetTimestamp(), lines));
            fleet.WriteLogs(host, [tenant], lines, from, noise);
        }
    }

    /// <summary>How many lines each file has.</summary>
    public Dictionary<(string Tenant, string Host), int> Written()
    {
        lock (_gate) return _writtenAt.ToDictionary(file => file.Key, file => file.Value.Count);
    }

    /// <summary>When a line was written (<see cref="Stopwatch.GetTimestamp"/>).</summary>
    public long WrittenAt((string Tenant, string Host) file, int number)
    {
        lock (_gate) return _writtenAt[file][number];
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _writing;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task WriteAsync()
    {
        using var tick = new PeriodicTimer(Pause);
        try
        {
            while (await tick.WaitForNextTickAsync(_stop.Token))
                Write(hosts[random.Next(hosts.Length)], tenants[random.Next(tenants.Length)], random.Next(1, 60));
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
