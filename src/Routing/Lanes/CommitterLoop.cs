using Weir.Protocol.Batches;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

internal sealed partial class Committer
{
    // A fragment that waits for other builders waits this long, or until this much waits, before all are sealed at
    // once: each such cut makes smaller fragments, so it should stay rare.
    private static readonly TimeSpan CutDelay = TimeSpan.FromSeconds(1);
    private const int CutBytes = 2 * 1024 * 1024;
    private const int CutAttemptsMax = 3;
    private static readonly TimeSpan CutPause = TimeSpan.FromMilliseconds(5);

    // Past it something keeps a checkpoint for good. Lines stored twice after a crash are better than a lane at rest.
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan FullRetryInterval = TimeSpan.FromSeconds(1);

    // A stop does not wait for a disk that is gone: what is not committed is read or sent again after the next start.
    private const int StopAttemptsMax = 5;
    private static readonly TimeSpan FailureDelayMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FailureDelayMax = TimeSpan.FromSeconds(30);

    // In hand, the loop's own: kept until a commit takes them.
    private readonly List<PendingFragment> _waiting = [];
    private readonly List<PendingFragment> _round = [];
    private readonly Dictionary<SourceKey, SourcePosition> _positions = [];
    private readonly List<Acknowledgement> _acknowledgedInHand = [];
    private readonly List<DeadLetter> _lettersInHand = [];
    private readonly List<SourceKey> _forgottenInHand = [];
    private readonly List<TaskCompletionSource> _flushesInHand = [];
    private long? _waitingSince;
    private int _failures;
    private bool _isFull;

    /// <summary>Works until stopped or cancelled; run again after a fault, it goes on with what was in hand.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        for (var stopping = false; !stopping;)
        {
            if (_isFull) await _work.WaitAsync(FullRetryInterval, _time, cancel);
            else if (_failures == 0 && _waiting.Count == 0 && _flushesInHand.Count == 0) await _work.WaitAsync(cancel);
            await WaitForGroupAsync(cancel);
            stopping = Collect();
            await ResendAsync(cancel);
            await ChooseAsync(stopping, cancel);
            if (!await TryCommitAsync(cancel))
            {
                stopping &= _failures >= StopAttemptsMax;
                var delay = FailureDelayMin * Math.Pow(2, Math.Min(_failures - 1, 16));
                await Task.Delay(delay < FailureDelayMax ? delay : FailureDelayMax, _time, cancel);
            }

            CompleteFlushes(stopping);
        }
    }

    /// <summary>Waits for a group, and meanwhile makes durable what endpoints have taken.</summary>
    /// <remarks>That costs no sync of the disk, and what a killed process had not noted would be sent again.</remarks>
    private async ValueTask WaitForGroupAsync(CancellationToken cancel)
    {
        var since = _time.GetTimestamp();
        for (var left = GroupInterval; left > TimeSpan.Zero; left = GroupInterval - _time.GetElapsedTime(since))
        {
            if (!await _urgent.WaitAsync(left, _time, cancel) || !TakeAcknowledgedAlone()) return;
            try
            {
                await CommitAcknowledgedAsync(cancel);
            }
            catch (IOException failure)
            {
                _events.CommitFailed(++_failures, failure);
                return;
            }
        }
    }

    /// <returns>False when something else is urgent too, or the disk is failing.</returns>
    private bool TakeAcknowledgedAlone()
    {
        lock (_gate)
        {
            var isAlone = _submittedBytes < GroupBytes && _flushes.Count + _resends.Count == 0 && !_isStopping;
            if (!isAlone || _failures > 0 || _acknowledged.Count + _letters.Count == 0) return false;
            TakeAcknowledged();
            return true;
        }
    }

    private void TakeAcknowledged()
    {
        _acknowledgedInHand.AddRange(_acknowledged);
        _acknowledged.Clear();
        _lettersInHand.AddRange(_letters);
        _letters.Clear();
    }

    /// <returns>Whether the loop ends with this commit.</returns>
    private bool Collect()
    {
        lock (_gate)
        {
            TakeSubmitted();
            TakeAcknowledged();
            foreach (var source in _forgotten) _positions.Remove(source);
            _forgottenInHand.AddRange(_forgotten);
            _forgotten.Clear();
            _flushesInHand.AddRange(_flushes);
            _flushes.Clear();
            return _isStopping;
        }
    }

    private void TakeSubmitted()
    {
        _waiting.AddRange(_submitted);
        _submitted.Clear();
        _submittedBytes = 0;
    }

    private async ValueTask ResendAsync(CancellationToken cancel)
    {
        Resend[] resends;
        lock (_gate)
        {
            resends = [.. _resends];
            _resends.Clear();
        }

        foreach (var resend in resends)
        {
            try
            {
                resend.Count.TrySetResult(await _spool.ResendDeadLettersAsync(resend.Ids, cancel));
            }
            catch (IOException failure)
            {
                resend.Count.TrySetException(failure);
            }
        }
    }

    /// <summary>Moves what may be committed into the round and releases its checkpoints.</summary>
    private async ValueTask ChooseAsync(bool stopping, CancellationToken cancel)
    {
        if (_isFull && !stopping) return; // what the spool has no room for comes first
        var first = _round.Count;
        if (_flushesInHand.Count > 0) await SealAllAsync(cancel);
        else
        {
            _cut.Split(_waiting, _round);
            if (_waiting.Count > 0 && IsCutDue()) await SealAllAsync(cancel);
        }

        if (_waiting.Count == 0) _waitingSince = null;
        else _waitingSince ??= _time.GetTimestamp();
        if (_waitingSince is { } since && (stopping || _time.GetElapsedTime(since) > WaitMax))
        {
            _events.CommitForced(_waiting.Count);
            _round.AddRange(_waiting);
            _waiting.Clear();
        }

        for (var i = first; i < _round.Count; i++)
            foreach (var checkpoint in _round[i].Checkpoints) checkpoint.Release();
        _ledger.TakeReady(_positions);
    }

    private bool IsCutDue()
    {
        var bytes = 0L;
        foreach (var pending in _waiting) bytes += pending.Fragment.Body.Length;
        return bytes >= CutBytes || (_waitingSince is { } since && _time.GetElapsedTime(since) >= CutDelay);
    }

    /// <summary>Seals all builders while no new batch comes in, until everything sealed can go in one commit.</summary>
    private async ValueTask SealAllAsync(CancellationToken cancel)
    {
        ISealer[] sealers;
        lock (_gate) sealers = [.. _sealers];
        _barrier.Lower();
        _room.Lift(true); // a builder that waits for room could not answer
        try
        {
            for (var attempt = 1; attempt <= CutAttemptsMax; attempt++)
            {
                foreach (var sealer in sealers) await sealer.SealAsync(cancel);
                lock (_gate) TakeSubmitted();
                _cut.Split(_waiting, _round);
                if (_waiting.Count == 0) return;
                await Task.Delay(CutPause, _time, cancel); // a batch was on its way to several builders
            }
        }
        finally
        {
            _room.Lift(false);
            _barrier.Raise();
        }
    }

    /// <returns>False when the disk failed: wait, then try again.</returns>
    private async ValueTask<bool> TryCommitAsync(CancellationToken cancel)
    {
        if (_round.Count + _positions.Count + _acknowledgedInHand.Count + _lettersInHand.Count
            + _forgottenInHand.Count == 0) return true;
        try
        {
            // What no longer fits must not hold back what makes room.
            if (_isFull) await CommitAcknowledgedAsync(cancel);
            await CommitAllAsync(cancel);
        }
        catch (SpoolFullException)
        {
            if (!_isFull) _events.SpoolFull(_spool.Usage);
            _isFull = true;
            return true;
        }
        catch (IOException failure)
        {
            _events.CommitFailed(++_failures, failure);
            return false;
        }

        if (_isFull) _events.SpoolHasRoom(_spool.Usage);
        if (_failures > 0) _events.CommitsAgain();
        _isFull = false;
        _failures = 0;
        return true;
    }

    private async ValueTask CommitAcknowledgedAsync(CancellationToken cancel)
    {
        if (_acknowledgedInHand.Count + _lettersInHand.Count == 0) return;
        await _spool.CommitAsync(
            new SpoolTransaction { Acknowledged = _acknowledgedInHand, DeadLetters = _lettersInHand }, cancel);
        _acknowledgedInHand.Clear();
        _lettersInHand.Clear();
    }

    private async ValueTask CommitAllAsync(CancellationToken cancel)
    {
        var started = _time.GetTimestamp();
        var positions = _positions.Values.ToArray();
        var stored = await _spool.CommitAsync(
            new SpoolTransaction
            {
                Fragments = _round.ConvertAll(pending => pending.Fragment),
                Positions = positions,
                Forgotten = _forgottenInHand,
                Acknowledged = _acknowledgedInHand,
                DeadLetters = _lettersInHand,
            },
            cancel);
        _events.Committed(_round.Count, _time.GetElapsedTime(started));
        _ledger.Committed(positions);
        _positions.Clear();
        _forgottenInHand.Clear();
        _acknowledgedInHand.Clear();
        _lettersInHand.Clear();
        for (var i = 0; i < _round.Count; i++)
        {
            _stored(stored[i], _round[i]);
            _room.Exit(_round[i].Fragment.Body.Length);
            _round[i].Body.Release();
        }

        _round.Clear();
    }

    private void CompleteFlushes(bool stopping)
    {
        var isDurable = !_isFull && _failures == 0 && _round.Count + _waiting.Count == 0;
        if (!isDurable && !stopping) return;
        foreach (var flush in _flushesInHand)
        {
            if (isDurable) flush.TrySetResult();
            else flush.TrySetCanceled(CancellationToken.None);
        }

        _flushesInHand.Clear();
    }
}
