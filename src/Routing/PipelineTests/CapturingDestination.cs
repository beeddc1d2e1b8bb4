using System.Text;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Routing.Components;
using Weir.Routing.Destinations;
using Weir.Routing.Lanes;

namespace Weir.Routing.PipelineTests;

/// <summary>Stands for a <c>loki.write</c> or <c>loki.echo</c>: keeps what would be pushed.</summary>
internal sealed class CapturingDestination(IComponentHost host) : IComponent, ILogsReceiver, ILogsInlet
{
    private readonly List<ObservedEntry> _entries = [];
    private IReadOnlyList<Label> _external = [];
    private string _tenant = "";

    public IReadOnlyList<ObservedEntry> Entries => _entries;

    public object? Status => null;

    public bool HoldsLines => false;

    public static bool StandsFor(string name) => name is "loki.write" or "loki.echo";

    public ValueTask ApplyAsync(object options, CancellationToken cancel)
    {
        if (options is WriteOptions write)
        {
            _external = [.. write.ExternalLabels.Select(pair => new Label(pair.Key, pair.Value))];
            _tenant = write.Endpoints.Count > 0 ? write.Endpoints[0].TenantId : "";
            host.Export(new WriteExports { Receiver = this });
        }
        else host.Export(new EchoExports { Receiver = this });

        return ValueTask.CompletedTask;
    }

    public Task RunAsync(CancellationToken cancel) => Task.CompletedTask;

    public ILogsInlet Open() => this;

    public ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
    {
        foreach (ref var entry in batch.Entries)
        {
            var (labels, tenant) = FinalLabels.Of(entry.Labels, _external, host.Labels);
            var metadata = new List<Label>();
            var pairs = new MetadataReader(batch.Metadata(entry));
            while (pairs.Read())
                metadata.Add(new Label(Encoding.UTF8.GetString(pairs.Name), Encoding.UTF8.GetString(pairs.Value)));
            _entries.Add(new ObservedEntry(
                host.Id, tenant.Length > 0 ? tenant : _tenant, Encoding.UTF8.GetString(batch.Line(entry)),
                labels.Labels.ToArray(), metadata, entry.Timestamp));
        }

        batch.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => ValueTask.CompletedTask;

    public void Dispose()
    {
        // Nothing is held.
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
