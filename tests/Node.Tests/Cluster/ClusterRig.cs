using System.Text;
using System.Text.Json;
using Weir.Node.Admin;
using Weir.Node.Cluster;
using Weir.Node.Tests.Admin;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Metrics;
using Weir.Routing.Ports;
using Weir.Support;

namespace Weir.Node.Tests.Cluster;

/// <summary>A node with its admin listener, alone or on a network of a test.</summary>
internal sealed class ClusterRig : IAsyncDisposable
{
    public const string Destination = "loki.write.default";

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;
    private readonly LabelSets _labels = new();

    private ClusterRig(string id, ClusterTies ties)
    {
        var events = new RoutingEvents(Log, new MetricRegistry());
        Delivery = new Delivery(Spool, _labels, events, TimeProvider.System, new Random(1));
        Graph = new Graph((_, _) => throw new NotSupportedException("no component is made"), _labels, events,
            TimeProvider.System);
        Part = new ClusterPart(
            id, ties, Graph, Delivery, Spool, events, TimeProvider.System,
            () => new Uri("http://127.0.0.1:12345/"), () => Stopped.TrySetResult());
        _run = Part.Participation.RunAsync(_stop.Token);
    }

    public RecordingLog Log { get; } = new();

    public MemorySpool Spool { get; } = new();

    public Delivery Delivery { get; }

    public Graph Graph { get; }

    public ClusterPart Part { get; }

    public AdminRig Admin { get; private set; } = null!;

    /// <summary>The node was asked to end.</summary>
    public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<ClusterRig> StartAsync(string id = "a", ClusterTies? ties = null)
    {
        var rig = new ClusterRig(id, ties ?? new ClusterTies());
        rig.Admin = await AdminRig.StartAsync([.. rig.Part.Routes]);
        await rig.Delivery.StartAsync(default);
        await rig.UntilAsync("/api/v1/cluster", cluster => cluster.GetProperty("members").GetArrayLength() > 0);
        return rig;
    }

    /// <summary>A destination with endpoints that answer as told.</summary>
    public ValueTask ApplyAsync(params (string Endpoint, IPushClient Client)[] endpoints) => Delivery.ApplyAsync(
        Destination, new DestinationSettings
        {
            Endpoints = [.. endpoints.Select(one => new EndpointSettings
            {
                Name = one.Endpoint,
                Host = one.Endpoint,
                Client = one.Client,
                BatchWait = TimeSpan.FromMilliseconds(10),
            })],
        });

    public async Task SendAsync(string tenant, params string[] lines)
    {
        using var inlet = Delivery.ReceiverOf(Destination).Open();
        var batch = new LogBatch(256, 4);
        var labels = _labels.Of([new Label("job", "test"), new Label("__tenant_id__", tenant)]);
        foreach (var line in lines) batch.Add(1_700_000_000_000_000_000L, labels, Encoding.UTF8.GetBytes(line), 0);
        await inlet.SendAsync(batch, default);
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        var (status, text) = await Admin.GetAsync(path);
        Assert.True(status == System.Net.HttpStatusCode.OK, $"{path}: {status} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Asks again until the answer is as it should be.</summary>
    public async Task<JsonElement> UntilAsync(string path, Func<JsonElement, bool> holds)
    {
        using var patience = new CancellationTokenSource(Signals.Patience);
        while (true)
        {
            var answer = await GetAsync(path);
            if (holds(answer)) return answer;
            Assert.False(patience.IsCancellationRequested, $"{path} still answers {answer}");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    public async Task<(System.Net.HttpStatusCode Status, string Text)> PostAsync(string path, string body = "")
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await Admin.Client.PostAsync(path, content);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        await Graph.DisposeAsync();
        await Delivery.DisposeAsync();
        await Admin.DisposeAsync();
        _stop.Dispose();
    }
}
