namespace Weir.Routing.Lanes;

/// <summary>Bounds what is in flight behind it, in bytes and in count; who does not fit waits in turn.</summary>
/// <remarks>One that is larger than the whole is admitted alone, so that nothing waits for ever.</remarks>
internal sealed class ByteGate(long bytesMax, int countMax)
{
    private readonly Lock _gate = new();
    private readonly Queue<(TaskCompletionSource Admitted, int Bytes)> _waiting = new();
    private long _bytesMax = bytesMax;
    private long _bytes;
    private int _count;
    private bool _isLifted;

    public long Bytes
    {
        get
        {
            lock (_gate) return _bytes;
        }
    }

    /// <summary>Somebody does not fit now.</summary>
    public bool HasWaiting
    {
        get
        {
            lock (_gate) return _waiting.Count > 0;
        }
    }

    /// <summary>Changes the bound; what is in flight already stays.</summary>
    public void Resize(long bytesMax)
    {
        lock (_gate)
        {
            _bytesMax = bytesMax;
            Admit();
        }
    }

    /// <summary>Admits everyone, over the bound if need be, until lowered again.</summary>
    public void Lift(bool isLifted)
    {
        lock (_gate)
        {
            _isLifted = isLifted;
            Admit();
        }
    }

    public bool TryEnter(int bytes)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || !Fits(bytes)) return false;
            Enter(bytes);
            return true;
        }
    }

    /// <exception cref="OperationCanceledException">Not admitted.</exception>
    public async ValueTask EnterAsync(int bytes, CancellationToken cancel)
    {
        TaskCompletionSource admitted;
        lock (_gate)
        {
            cancel.ThrowIfCancellationRequested();
            if (_waiting.Count == 0 && Fits(bytes))
            {
                Enter(bytes);
                return;
            }

            admitted = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((admitted, bytes));
        }

        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), admitted);
        await admitted.Task;
    }

    public void Exit(int bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
            _count--;
            Admit();
        }
    }

    private bool Fits(int bytes) =>
        _isLifted || _count == 0 || (_bytes + bytes <= _bytesMax && _count < countMax);

    private void Enter(int bytes)
    {
        _bytes += bytes;
        _count++;
    }

    private void Admit()
    {
        while (_waiting.TryPeek(out var first))
        {
            if (first.Admitted.Task.IsCompleted) // it gave up
            {
                _waiting.Dequeue();
                continue;
            }

            if (!Fits(first.Bytes)) return;
            _waiting.Dequeue();
            if (first.Admitted.TrySetResult()) Enter(first.Bytes);
        }
    }
}
