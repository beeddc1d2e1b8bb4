using System.Threading.Channels;
using Weir.Routing.Components;

namespace Weir.Node.Sources.Docker;

/// <summary>Something happened to a container.</summary>
/// <param name="Id"><see cref="EngineEventFeed.All"/>: perhaps to any.</param>
/// <param name="Action">As the engine names it: create, start, die, …; "" for all.</param>
public readonly record struct ContainerChange(string Id, string Action);

/// <summary>Follows an engine's events and tells which containers changed; comes back when the stream breaks.</summary>
/// <param name="changed">
/// Gets <see cref="All"/> whenever the stream was opened: anything may have changed before that.
/// </param>
/// <param name="report">Called with null when the stream was opened, with the fault when it broke.</param>
public sealed class EngineEventFeed(
    DockerEngine engine, ChannelWriter<ContainerChange> changed, Action<IOException?> report, TimeProvider time)
{
    /// <summary>Stands for every container.</summary>
    public const string All = "";

    private static readonly TimeSpan DelayMin = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(15);

    private bool _opened;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var delay = DelayMin;
        while (!cancel.IsCancellationRequested)
        {
            _opened = false;
            try
            {
                await FollowAsync(cancel);
                report(new DockerException("the engine ended the event stream"));
            }
            catch (IOException fault)
            {
                report(fault);
            }

            delay = _opened ? DelayMin : delay;
            await Task.Delay(delay, time, cancel);
            delay = delay * 2 < DelayMax ? delay * 2 : DelayMax;
        }
    }

    private async Task FollowAsync(CancellationToken cancel)
    {
        await foreach (var change in engine.FollowEventsAsync(Opened, cancel))
        {
            if (change.ContainerId is { Length: > 0 } id)
                await changed.WriteAsync(new ContainerChange(id, change.Action), cancel);
        }
    }

    private void Opened()
    {
        _opened = true;
        report(null);
        // Not lost when the queue is full: the reader then has a burst of changes before it, and lists all for those.
        changed.TryWrite(new ContainerChange(All, ""));
    }
}
