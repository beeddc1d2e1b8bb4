using System.Globalization;
using System.Text;
using Weir.Node.Http;
using Weir.Protocol.Batches;
using Weir.Protocol.Loki;
using Weir.Routing;
using Weir.Routing.Lanes;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Support;

namespace Weir.Node.Tests.Store;

/// <summary>A writer that asks the embedded store, over HTTP, what it has.</summary>
public sealed class StoreReconciliationTests
{
    private const string Id = "loki.write.store";
    private const int Lines = 300;

    [Fact]
    public async Task What_the_store_has_of_a_push_of_unknown_outcome_is_not_sent_again()
    {
        await using var store = await StoreServer.StartAsync();
        var labels = new LabelSets();
        var metrics = new MetricRegistry();
        var committed = new Signals();
        var spool = new MemorySpool { Committed = () => Raise(committed) };
        await using var delivery = new Delivery(
            spool, labels, new RoutingEvents(new RecordingLog(), metrics), TimeProvider.System,
            new Random(1));
        using var client = new ForgetfulClient(new LokiPushClient(
            new() { Url = new(store.Client.BaseAddress!, "loki/api/v1/push") }, new(), TimeProvider.System));
        using var query = new LokiQueryClient(
            new() { Url = new(store.Client.BaseAddress!, "loki/api/v1/query_range") }, new(), TimeProvider.System);
        await delivery.StartAsync(default);
        await delivery.ApplyAsync(Id, DeliveryFixture.Settings(Endpoint(client, query)));
        using var inlet = delivery.ReceiverOf(Id).Open();

        await inlet.SendAsync(Batch(labels), default);
        await committed.UntilAsync("all of it delivered", () => spool is { Journal.Count: > 0, Fragments.Count: 0 });

        Assert.Equal(1, client.Pushes);
        Assert.Contains("outcome=\"found\"} 1", metrics.Render());
        Assert.Contains($"state=\"found\"}} {Lines}", metrics.Render());
    }

    private static ValueTask Raise(Signals committed)
    {
        committed.Raise();
        return ValueTask.CompletedTask;
    }

    private static EndpointSettings Endpoint(IPushClient client, ILogQuery query) => new()
    {
        Name = "store",
        Host = "store",
        TenantId = "team",
        Client = client,
        BatchWait = TimeSpan.FromMilliseconds(1),
        BackoffMin = TimeSpan.FromMilliseconds(10),
        Lookup = new EndpointLookup(query, sharesServer: true, isInsisted: true),
    };

    /// <summary>Two streams, awkward values, and structured metadata at every third line.</summary>
    private static LogBatch Batch(LabelSets labels)
    {
        LabelSet[] streams =
        [
            labels.Of([new Label("job", "a.b|c"), new Label("path", @"C:\x ""y"" (z)")]),
            labels.Of([new Label("job", "ünï"), new Label("path", "tab\there")]),
        ];
        var batch = new LogBatch(64 * 1024, Lines);
        for (var i = 0; i < Lines; i++)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{{\"n\": {i}, \"s\": \"\\u00e9 <&> é\"}}");
            batch.Add(StoreServer.Now + i / 2, streams[i % 2], Encoding.UTF8.GetBytes(line), 0);
            if (i % 3 == 0) AddMetadata(batch, i);
        }

        return batch;
    }

    private static void AddMetadata(LogBatch batch, int i)
    {
        var metadata = new byte[64];
        var length = PushRequestWriter.WriteMetadata(
            metadata, "trace"u8, Encoding.UTF8.GetBytes(i.ToString(CultureInfo.InvariantCulture)));
        batch[i].MetadataStart = batch.Append(metadata.AsSpan(0, length));
        batch[i].MetadataLength = length;
    }

    /// <summary>Pushes, and does not tell how it ended.</summary>
    private sealed class ForgetfulClient(IPushClient inner) : IPushClient
    {
        public int Pushes { get; private set; }

        public async ValueTask<PushAnswer> PushAsync(
            IReadOnlyList<ReadOnlyMemory<byte>> body, string tenant, CancellationToken cancel,
            Func<bool>? mayLeave = null)
        {
            Pushes++;
            var answer = await inner.PushAsync(body, tenant, cancel, mayLeave);
            return answer.Status == 204 ? new(PushOutcome.Unknown, 0, TimeSpan.Zero, "timeout") : answer;
        }

        public void Dispose() => inner.Dispose();
    }
}
