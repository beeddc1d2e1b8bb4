using Weir.Protocol.Batches;
using Weir.Routing.Actors;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>A builder of fragments, as the committer sees it.</summary>
internal interface ISealer
{
    /// <summary>Seals and submits what is open; returns when that is done.</summary>
    ValueTask SealAsync(CancellationToken cancel);
}

/// <summary>The one writer of the spool: commits fragments, positions, acknowledgements and dead letters in
/// groups.</summary>
/// <remarks>
/// A position goes with, or after, the last fragment that holds its lines, and no fragment goes before its positions
/// can (<see cref="CommitCut"/>); where several builders share the lines of a source, all of them are sealed at once.
/// The state outlives a fault of the loop. This part is the inbox, for any thread; the other is the loop.
/// </remarks>
internal sealed partial class Committer : ISourcePositions
{
    /// <summary>Longest wait of a sealed fragment for company.</summary>
    public static readonly TimeSpan GroupInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Sealed bytes that are committed without waiting longer.</summary>
    public const int GroupBytes = 1024 * 1024;

    /// <summary>Compressed bytes that may wait here; then builders wait, their mailboxes fill and sources stop
    /// reading. A spool's budget has to be some times as large, for what waits is committed at once.</summary>
    public const int PendingBytesMax = 4 * 1024 * 1024;

    private const int PendingCountMax = 100_000;

    private readonly Lock _gate = new();
    private readonly ISpool _spool;
    private readonly Action<StoredFragment, PendingFragment> _stored;
    private readonly RoutingEvents _events;
    private readonly TimeProvider _time;
    private readonly PositionLedger _ledger;
    private readonly CommitCut _cut;
    private readonly Barrier _barrier = new();
    private readonly ByteGate _room = new(PendingBytesMax, PendingCountMax);
    private readonly Signal _work = new();
    private readonly Signal _urgent = new();

    // The inbox, under the gate.
    private readonly List<PendingFragment> _submitted = [];
    private readonly List<ISealer> _sealers = [];
    private readonly List<TaskCompletionSource> _flushes = [];
    private readonly List<Resend> _resends = [];
    private List<Acknowledgement> _acknowledged = [];
    private List<DeadLetter> _letters = [];
    private List<SourceKey> _forgotten = [];
    private long _submittedBytes;
    private bool _isStopping;

    /// <param name="stored">Called by the loop for each fragment, in order, once it is durable.</param>
    public Committer(
        ISpool spool, Action<StoredFragment, PendingFragment> stored, RoutingEvents events, TimeProvider time)
    {
        _spool = spool;
        _stored = stored;
        _events = events;
        _time = time;
        _ledger = new PositionLedger(spool.PositionsAtOpen, _work.Set);
        _cut = new CommitCut(_ledger);
    }

    /// <summary>Waits while all builders are being sealed, unless part of the batch has been sent already.</summary>
    public ValueTask PassAsync(Checkpoint? checkpoint, CancellationToken cancel) =>
        checkpoint is { IsSent: true } ? ValueTask.CompletedTask : _barrier.PassAsync(cancel);

    /// <summary>Takes a sealed fragment over; waits while too much is pending.</summary>
    public async ValueTask SubmitAsync(PendingFragment pending, CancellationToken cancel)
    {
        await _room.EnterAsync(pending.Fragment.Body.Length, cancel);
        bool isGroup;
        lock (_gate)
        {
            _submitted.Add(pending);
            _submittedBytes += pending.Fragment.Body.Length;
            isGroup = _submittedBytes >= GroupBytes;
        }

        _work.Set();
        if (isGroup) _urgent.Set();
    }

    /// <summary>Commits at once, apart from the groups; never waits.</summary>
    public void Acknowledge(IReadOnlyList<Acknowledgement> acknowledged, IReadOnlyList<DeadLetter> letters)
    {
        lock (_gate)
        {
            _acknowledged.AddRange(acknowledged);
            _letters.AddRange(letters);
        }

        WakeNow();
    }

    public void Add(ISealer sealer)
    {
        lock (_gate) _sealers.Add(sealer);
    }

    public void Remove(ISealer sealer)
    {
        lock (_gate) _sealers.Remove(sealer);
    }

    /// <summary>Makes all that was posted so far durable.</summary>
    public async ValueTask FlushAsync(CancellationToken cancel)
    {
        TaskCompletionSource flushed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _flushes.Add(flushed);
        WakeNow();
        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), flushed);
        await flushed.Task;
    }

    /// <summary>Makes fragments of dead letters again, between two commits.</summary>
    public async ValueTask<int> ResendAsync(IReadOnlyList<long> ids, CancellationToken cancel)
    {
        var resend = new Resend(ids, new(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate) _resends.Add(resend);
        WakeNow();
        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource<int>)state!).TrySetCanceled(token), resend.Count);
        return await resend.Count.Task;
    }

    /// <summary>Makes the loop commit what it has and return; builders have been completed before.</summary>
    public void Stop()
    {
        lock (_gate) _isStopping = true;
        WakeNow();
    }

    public async ValueTask<SourcePosition?> ResumeAsync(SourceKey source, CancellationToken cancel)
    {
        if (_ledger.HasOutstanding(source)) await FlushAsync(cancel);
        return _ledger.Restart(source);
    }

    public SourcePosition? Find(SourceKey source) => _ledger.Find(source);

    public IReadOnlyList<SourcePosition> List(string component) => _ledger.List(component);

    public Checkpoint Begin(SourcePosition position) => _ledger.Begin(position);

    public void Forget(SourceKey source)
    {
        _ledger.Forget(source);
        lock (_gate) _forgotten.Add(source);
        _work.Set();
    }

    private void WakeNow()
    {
        _work.Set();
        _urgent.Set();
    }

    private readonly record struct Resend(IReadOnlyList<long> Ids, TaskCompletionSource<int> Count);
}
