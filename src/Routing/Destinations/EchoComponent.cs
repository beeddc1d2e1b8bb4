using System.Globalization;
using System.Text;
using System.Text.Json;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Routing.Destinations;

/// <summary>Arguments of <c>loki.echo</c>: none.</summary>
[Component("loki.echo", Exports = typeof(EchoExports))]
public sealed record EchoOptions;

/// <summary>What <c>loki.echo</c> exports.</summary>
public sealed record EchoExports
{
    [Export("receiver")]
    public required ILogsReceiver Receiver { get; init; }
}

/// <summary>Component <c>loki.echo</c>: says every entry in Weir's own log, to see what a pipeline makes of
/// it.</summary>
public sealed class EchoComponent(IComponentHost host) : Component<EchoOptions>(host), ILogsReceiver
{
    public ILogsInlet Open() => new EchoInlet(Id, Log);

    protected override ValueTask ApplyAsync(EchoOptions options, CancellationToken cancel)
    {
        Host.Export(new EchoExports { Receiver = this });
        return ValueTask.CompletedTask;
    }
}

/// <summary>Writes and disposes each batch.</summary>
internal sealed class EchoInlet(string component, IProcessLog log) : ILogsInlet
{
    public bool HoldsLines => false;

    public ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
    {
        if (log.IsEnabled(LogSeverity.Info))
        {
            foreach (ref var entry in batch.Entries)
            {
                log.Write(LogSeverity.Info, component, "received log entry",
                    new("entry", Encoding.UTF8.GetString(batch.Line(entry))),
                    new("entry_timestamp", TimeOf(entry.Timestamp)),
                    new("labels", entry.Labels.ToString()),
                    new("structured_metadata", MetadataOf(batch.Metadata(entry))));
            }
        }

        batch.Dispose();
        return ValueTask.CompletedTask;
    }

    public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => ValueTask.CompletedTask;

    public void Dispose()
    {
        // Nothing is held.
    }

    private static string TimeOf(long timestamp)
    {
        var seconds = DateTimeOffset.UnixEpoch.AddTicks(timestamp / TimeSpan.NanosecondsPerTick);
        return seconds.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", CultureInfo.InvariantCulture)
            + $"{timestamp % TimeSpan.NanosecondsPerTick:00}Z";
    }

    private static string MetadataOf(ReadOnlySpan<byte> metadata)
    {
        var pairs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var reader = new MetadataReader(metadata);
        while (reader.Read()) pairs[Encoding.UTF8.GetString(reader.Name)] = Encoding.UTF8.GetString(reader.Value);
        return JsonSerializer.Serialize(pairs);
    }
}
