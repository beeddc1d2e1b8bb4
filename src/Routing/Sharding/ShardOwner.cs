using Weir.Routing.Actors;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;
using Weir.Routing.Writers;

namespace Weir.Routing.Sharding;

/// <summary>The actor of one shard: owns it as long as that is wanted, in one session after the other.</summary>
internal sealed class ShardOwner(ShardId shard, DestinationSettings settings, TenantGates gates, ShardContext context)
{
    private static readonly RestartPolicy Restarts = new(
        int.MaxValue, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1));

    private readonly Lock _gate = new();
    private readonly ShardMemory _memory = new();
    private readonly Signal _changed = new();
    private DestinationSettings _settings = settings;
    private bool _isWanted;
    private volatile bool _isEnded;
    private Action? _stop; // of the tenure under way
    private TaskCompletionSource _idle = Completed();
    private ShardTenure? _tenure;

    /// <summary>Null while this node does not own it.</summary>
    public ShardStatus? Status => Volatile.Read(ref _tenure)?.Status;

    /// <summary>Takes the shard, or finishes what is under way and gives it back. Never waits.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Want(bool isWanted)
    {
        lock (_gate)
        {
            if (_isWanted == isWanted) return false;
            _isWanted = isWanted;
            if (!isWanted) _stop?.Invoke();
        }

        _changed.Set();
        return true;
    }

    /// <summary>Takes over settings; returns when nothing uses the former ones.</summary>
    public async ValueTask ApplyAsync(DestinationSettings settings)
    {
        Task idle;
        lock (_gate)
        {
            _settings = settings;
            _stop?.Invoke();
            idle = _idle.Task;
        }

        await idle;
    }

    /// <summary>Gives the shard back for good; <see cref="RunAsync"/> returns then.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isEnded = true;
            _stop?.Invoke();
        }

        _changed.Set();
    }

    /// <summary>Works until <see cref="End"/>.</summary>
    public Task RunAsync() => Supervision.RunAsync(
        $"shard {shard.Shard} of {shard.Destination}", RunOnceAsync, Restarts, context.Events, context.Time,
        CancellationToken.None);

    private async Task RunOnceAsync(CancellationToken cancel)
    {
        while (true)
        {
            using var stop = new CancellationTokenSource();
            if (Begin(stop.Cancel) is not { } settings)
            {
                if (_isEnded) return;
                await _changed.WaitAsync(cancel);
                continue;
            }

            try
            {
                await OwnAsync(settings, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // It ended before it had begun.
            }
            catch (BrokerSessionLostException)
            {
                await Task.Delay(ShardLimits.LookEvery, context.Time, cancel); // said; the broker connects again
            }
            finally
            {
                Finish();
            }
        }
    }

    /// <returns>Null where it is not wanted, or has ended.</returns>
    private DestinationSettings? Begin(Action stop)
    {
        lock (_gate)
        {
            if (_isEnded || !_isWanted) return null;
            _stop = stop;
            _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _settings;
        }
    }

    private void Finish()
    {
        lock (_gate)
        {
            _stop = null;
            _idle.SetResult();
        }
    }

    private async Task OwnAsync(DestinationSettings settings, CancellationToken stop)
    {
        var (broker, names) = (context.Broker, context.Names);
        // Side by side: a queue that is new may take some seconds.
        await Task.WhenAll(
            broker.DeclareAsync(names.DeadLetters(shard.Destination), QueueUse.DeadLetters, stop).AsTask(),
            broker.DeclareAsync(names.ParkedIndex(shard.Destination, shard.Shard), QueueUse.ParkedIndex, stop).AsTask(),
            broker.DeclareAsync(names.Shard(shard.Destination, shard.Shard), QueueUse.Shard, stop).AsTask());
        await using var session = await broker.OpenSessionAsync(stop);
        using var tenure = new ShardTenure(shard, settings, session, _memory, gates, context);
        Volatile.Write(ref _tenure, tenure);
        try
        {
            await tenure.RunAsync(stop);
        }
        finally
        {
            Volatile.Write(ref _tenure, null);
        }
    }

    private static TaskCompletionSource Completed()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        done.SetResult();
        return done;
    }
}
