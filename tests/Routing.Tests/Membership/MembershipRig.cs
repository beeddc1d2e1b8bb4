using Weir.Protocol.Batches;
using Weir.Protocol.Cluster;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Metrics;
using Weir.Routing.Tailing;

namespace Weir.Routing.Tests.Membership;

/// <summary>Nodes that know each other, in virtual time.</summary>
internal sealed class MembershipRig(int seed = 1)
{
    public ManualTime Time { get; } = new();

    public NodeNetwork Network { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public RecordingLog Log { get; } = new();

    public RoutingEvents Events => field ??= new RoutingEvents(Log, Metrics);

    public void Run(Func<Task> body)
    {
        var ended = new Schedule(seed).Run(Time, TimeSpan.FromHours(6), body);
        Assert.True(ended, "not done within six hours of virtual time");
    }

    public RigNode Start(string id, params string[] roles) => new(this, id, roles);

    public Task WaitAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), Time);

    public double Skipped(string reason) => Metrics.Counter("weir_cluster_messages_skipped_total", "", "reason")
        .Series.Where(series => series.LabelValues.Contains(reason)).Sum(series => series.Value);
}

/// <summary>A node that does nothing but take part.</summary>
internal sealed class RigNode : INodeService
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _run;

    public RigNode(MembershipRig rig, string id, string[] roles)
    {
        Wire = rig.Network.Join(id);
        Pauses = new LanePauses(rig.Time);
        Taps = new LineTaps(rig.Time);
        Part = new Participation(
            new ParticipationParts(
                new NodeSelf(id, $"host-{id}", roles, "1.2.3", rig.Time.GetUtcNow()), Wire, () => Describe(), this,
                Pauses, Taps),
            rig.Events, rig.Time, new Random(1));
        _run = Part.RunAsync(_stop.Token);
    }

    public NodeNetwork.Wire Wire { get; }

    public Participation Part { get; }

    public LanePauses Pauses { get; }

    public LineTaps Taps { get; }

    public Func<NodeState> Describe { get; set; } = () => new NodeState();

    public Func<Request, CancellationToken, ValueTask<NodeAnswer>> Answer { get; set; } =
        (request, _) => ValueTask.FromResult(
            new NodeAnswer("", System.Text.Encoding.UTF8.GetBytes($"{request.WhatCase}")));

    /// <summary>Each node that it knows, with how that one is.</summary>
    public string Seen => string.Join(' ', Part.Members.All.Select(member => $"{member.Id}:{member.Condition}"));

    public string Writers => string.Join(' ', Part.Members.Writers);

    public ValueTask<NodeAnswer> AnswerAsync(Request request, CancellationToken cancel) => Answer(request, cancel);

    public async Task StopAsync()
    {
        _stop.Cancel();
        await _run;
    }

    /// <summary>It says nothing more, not even goodbye.</summary>
    public Task CrashAsync()
    {
        Wire.IsCut = true;
        return StopAsync();
    }
}
