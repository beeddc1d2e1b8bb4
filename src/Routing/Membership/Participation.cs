using Weir.Protocol.Cluster;
using Weir.Routing.Actors;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Tailing;

namespace Weir.Routing.Membership;

/// <summary>What a node takes part with.</summary>
/// <param name="Wire">Between nodes; null: this one is alone.</param>
/// <param name="Describe">What it says of itself: see <see cref="Presence"/>.</param>
/// <param name="Service">Does what other nodes ask.</param>
public sealed record ParticipationParts(
    NodeSelf Self, INodeMessages? Wire, Func<NodeState> Describe, INodeService Service, LanePauses Pauses,
    LineTaps Taps);

/// <summary>A node's part in the cluster: presence, requests and live tails over one way of messages. A single node
/// takes part in a cluster of one.</summary>
public sealed class Participation
{
    private readonly ParticipationParts _parts;
    private readonly RoutingEvents _events;
    private readonly TimeProvider _time;
    private readonly NodeLink _link;

    public Participation(ParticipationParts parts, RoutingEvents events, TimeProvider time, Random random)
    {
        _parts = parts;
        _events = events;
        _time = time;
        _link = new NodeLink(parts.Self, parts.Wire, events);
        Members = new Members(parts.Self, events, time);
        Presence = new Presence(_link, Members, Describe, time);
        Requests = new NodeRequests(_link, parts.Service, events, time, random);
        Tails = new TailFeeds(_link, events, time, random);
    }

    public NodeSelf Self => _parts.Self;

    public Members Members { get; }

    public Presence Presence { get; }

    public NodeRequests Requests { get; }

    public TailFeeds Tails { get; }

    public LanePauses Pauses => _parts.Pauses;

    /// <summary>Takes part until cancelled, and says goodbye.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        Task[] work =
        [
            SuperviseAsync("own messages", stop => _link.ReceiveOwnAsync(Handle, stop), cancel),
            SuperviseAsync("node messages", stop => _link.ReceiveAsync(Handle, stop), cancel),
            SuperviseAsync("presence", Presence.RunAsync, cancel),
            SuperviseAsync("node requests", Requests.RunAsync, cancel),
            SuperviseAsync("tails", stop => _parts.Taps.RunAsync(_link, stop), cancel),
        ];
        foreach (var task in work)
        {
            // Not the suppression alone: that leaves the caller's scheduling context.
            await task.ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await Presence.LeaveAsync();
    }

    /// <summary>An operator pauses or resumes a lane, wherever it is.</summary>
    /// <returns>False when too many are paused.</returns>
    public bool TryPause(string lane, bool isPaused)
    {
        if (!Pauses.TrySet(lane, isPaused)) return false;
        Presence.Changed();
        return true;
    }

    private Task SuperviseAsync(string name, Func<CancellationToken, Task> run, CancellationToken cancel) =>
        Supervision.RunAsync(name, run, RestartPolicy.Forever, _events, _time, cancel);

    private NodeState Describe()
    {
        var state = _parts.Describe();
        foreach (var pause in Pauses.All)
        {
            state.Pauses.Add(new Protocol.Cluster.LanePause
            {
                Lane = pause.Lane,
                IsPaused = pause.IsPaused,
                ChangedAtMs = pause.ChangedAt.ToUnixTimeMilliseconds(),
            });
        }

        return state;
    }

    private void Handle(NodeMessage message, int bytes)
    {
        switch (message.BodyCase)
        {
            case NodeMessage.BodyOneofCase.State:
                TakeState(message, bytes);
                break;
            case NodeMessage.BodyOneofCase.Goodbye:
                Members.Leave(message);
                break;
            case NodeMessage.BodyOneofCase.Request:
                Requests.Take(message.From, message.Request);
                break;
            case NodeMessage.BodyOneofCase.Answer:
                Requests.Complete(message.From, message.Answer);
                break;
            case NodeMessage.BodyOneofCase.TailOrder:
                _parts.Taps.Take(message.From, message.TailOrder);
                break;
            case NodeMessage.BodyOneofCase.TailEnd:
                _parts.Taps.Close(message.From, message.TailEnd.Id);
                break;
            case NodeMessage.BodyOneofCase.TailLines:
                Tails.Take(message.From, message.TailLines, bytes);
                break;
            default:
                _events.NodeMessageSkipped("unknown", $"from {message.From}, which may run a newer version");
                break;
        }
    }

    private void TakeState(NodeMessage message, int bytes)
    {
        // Who has just come knows nobody yet, and nothing of what is paused.
        if (Members.Take(message, bytes) && message.From != Self.Id) Presence.Changed();
        foreach (var pause in message.State.Pauses)
        {
            // From a clock that is days ahead it could not be taken back.
            var latest = _time.GetUtcNow().AddDays(1).ToUnixTimeMilliseconds();
            if (pause.Lane.Length > LanePauses.IdLength || pause.ChangedAtMs < 0 || pause.ChangedAtMs > latest)
            {
                _events.NodeMessageSkipped("malformed", $"a paused lane that {message.From} names");
                continue;
            }

            Pauses.Merge(new Lanes.LanePause(
                pause.Lane, pause.IsPaused, DateTimeOffset.FromUnixTimeMilliseconds(pause.ChangedAtMs)));
        }
    }
}
