using System.Threading.Channels;
using Weir.Protocol.Batches;
using Weir.Routing.Actors;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Api;

/// <summary>One push on its way to the spool.</summary>
internal sealed class PendingPush(IReadOnlyList<LogBatch> batches, long bytes)
{
    private readonly TaskCompletionSource<bool> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<LogBatch> Batches => batches;

    public long Bytes => bytes;

    /// <summary>The position after its last batch.</summary>
    public long Sequence { get; set; }

    /// <summary>True once it is durable, false where it was given up.</summary>
    public Task<bool> Outcome => _outcome.Task;

    public void Complete(bool isDurable) => _outcome.TrySetResult(isDurable);
}

/// <summary>Brings pushes to the pipeline, one after the other, and tells when the spool has them.</summary>
/// <remarks>Each batch has a position, its number; once that is committed, so are its lines.</remarks>
internal sealed class PushIntake(
    IComponentHost host, ISourcePositions positions, Func<IReadOnlyList<ILogsReceiver>> forwardTo)
{
    /// <summary>Bytes of pushes that wait for the pipeline; further pushes are put off. A single one is always
    /// taken.</summary>
    public const long BytesMax = 64 * 1024 * 1024;

    private const int PushesMax = 1024;

    private static readonly TimeSpan ReleaseInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConfirmInterval = TimeSpan.FromMilliseconds(20);

    private readonly SourceKey _key = new(host.Id, "pushes");
    private readonly Channel<PendingPush> _pushes = Channel.CreateBounded<PendingPush>(PushesMax);
    private readonly Queue<PendingPush> _unconfirmed = new();
    private readonly Signal _handedOver = new();
    private long _bytes;
    private long _sequence;

    /// <returns>False, and nothing is taken: too much waits.</returns>
    public bool TryPost(PendingPush push)
    {
        if (Interlocked.Add(ref _bytes, push.Bytes) is var all && (all <= BytesMax || all == push.Bytes)
            && _pushes.Writer.TryWrite(push)) return true;
        Interlocked.Add(ref _bytes, -push.Bytes);
        return false;
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        _sequence = (await positions.ResumeAsync(_key, cancel))?.Offset ?? 0;
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var feeding = FeedAsync(both.Token);
        var confirming = ConfirmAsync(both.Token);
        try
        {
            await Task.WhenAny(feeding, confirming);
            await both.CancelAsync();
            await Task.WhenAll(feeding, confirming);
        }
        finally
        {
            GiveUp();
            while (_pushes.Reader.TryRead(out var left)) End(left);
        }
    }

    private async Task FeedAsync(CancellationToken cancel)
    {
        using var inlet = new FanOut(forwardTo);
        while (true)
        {
            var coming = _pushes.Reader.WaitToReadAsync(cancel).AsTask();
            while (!coming.IsCompleted)
            {
                await ((Task)coming).WaitAsync(ReleaseInterval, host.Time, cancel)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!coming.IsCompleted && inlet.HoldsLines) await inlet.ReleaseAsync(ending: false, cancel);
                cancel.ThrowIfCancellationRequested();
            }

            await coming;
            while (_pushes.Reader.TryRead(out var push)) await SendAsync(push, inlet, cancel);
        }
    }

    private async ValueTask SendAsync(PendingPush push, FanOut inlet, CancellationToken cancel)
    {
        var (owned, isSent) = (0, false);
        try
        {
            while (owned < push.Batches.Count)
            {
                var batch = push.Batches[owned];
                batch.Checkpoint = await BeginAsync(cancel);
                foreach (ref var entry in batch.Entries) entry.Resume = _sequence - 1;
                owned++;
                await inlet.SendAsync(batch, cancel);
            }

            isSent = true;
            push.Sequence = _sequence;
            lock (_unconfirmed) _unconfirmed.Enqueue(push);
            _handedOver.Set();
            Interlocked.Add(ref _bytes, -push.Bytes);
        }
        finally
        {
            if (!isSent) End(push, owned);
        }
    }

    private async ValueTask<Checkpoint> BeginAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return positions.Begin(new SourcePosition(_key, ++_sequence, ""));
            }
            catch (PositionLostException)
            {
                // Lines of pushes before were given up behind the pipeline: their senders push them again.
                await positions.ResumeAsync(_key, cancel);
                GiveUp();
            }
        }
    }

    private async Task ConfirmAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (Confirm(positions.Find(_key)?.Offset ?? 0)) await _handedOver.WaitAsync(cancel);
            else await Task.Delay(ConfirmInterval, host.Time, cancel);
        }
    }

    /// <returns>Whether none is left.</returns>
    private bool Confirm(long durable)
    {
        lock (_unconfirmed)
        {
            while (_unconfirmed.TryPeek(out var first) && first.Sequence <= durable)
                _unconfirmed.Dequeue().Complete(isDurable: true);
            return _unconfirmed.Count == 0;
        }
    }

    private void GiveUp()
    {
        Confirm(positions.Find(_key)?.Offset ?? 0);
        lock (_unconfirmed)
        {
            while (_unconfirmed.TryDequeue(out var push)) push.Complete(isDurable: false);
        }
    }

    /// <param name="owned">The first batch that was not handed over.</param>
    private void End(PendingPush push, int owned = 0)
    {
        for (; owned < push.Batches.Count; owned++) push.Batches[owned].Dispose();
        Interlocked.Add(ref _bytes, -push.Bytes);
        push.Complete(isDurable: false);
    }
}
