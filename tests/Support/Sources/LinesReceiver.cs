using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Components;

namespace Weir.Support.Sources;

/// <summary>An entry as it arrived.</summary>
public sealed record ReceivedLine(string Line, long Timestamp, string Labels, long Resume);

/// <summary>Takes batches; their lines count as durable once they are released, at once unless it holds them.</summary>
public sealed class LinesReceiver : ILogsReceiver
{
    private readonly Lock _lock = new();
    private readonly Queue<LogBatch> _held = new();
    private readonly List<ReceivedLine> _lines = [];
    private readonly Signals _changed = new();
    private TaskCompletionSource _open = Completed();
    private bool _holds;

    /// <summary>Durable lines in the order of their release.</summary>
    public IReadOnlyList<ReceivedLine> Lines
    {
        get
        {
            lock (_lock) return [.. _lines];
        }
    }

    public IReadOnlyList<string> Texts => [.. Lines.Select(line => line.Line)];

    public int HeldCount
    {
        get
        {
            lock (_lock) return _held.Count;
        }
    }

    /// <summary>Sends that wait because the receiver is closed.</summary>
    public int WaitingCount { get; private set; }

    /// <summary>Takes nothing: senders wait.</summary>
    public void Close()
    {
        lock (_lock) _open = New();
    }

    public void Reopen()
    {
        lock (_lock) _open.TrySetResult();
    }

    /// <summary>Keeps what it takes until <see cref="Release"/>.</summary>
    public void Hold() => _holds = true;

    /// <summary>Makes the oldest held batches durable.</summary>
    public void Release(int batches = int.MaxValue)
    {
        for (; batches > 0; batches--)
        {
            LogBatch? batch;
            lock (_lock)
                if (!_held.TryDequeue(out batch)) return;
            Keep(batch);
        }
    }

    /// <summary>Something that <see cref="UntilAsync"/> waits for may have changed elsewhere.</summary>
    public void Notify() => _changed.Raise();

    /// <exception cref="TimeoutException">With what arrived instead.</exception>
    public Task UntilAsync(Func<bool> reached, string what) => _changed.UntilAsync(
        what, reached, () => $"{Lines.Count} lines arrived, the last: {string.Join(" | ", Texts.TakeLast(20))}");

    public Task UntilCountAsync(int lines) => UntilAsync(() => Lines.Count >= lines, $"{lines} lines");

    public Task UntilLineAsync(string line) => UntilAsync(() => Texts.Contains(line), $"the line \"{line}\"");

    public ILogsInlet Open() => new Inlet(this);

    private async ValueTask TakeAsync(LogBatch batch, CancellationToken cancel)
    {
        Task open;
        lock (_lock)
        {
            open = _open.Task;
            if (!open.IsCompleted) WaitingCount++;
        }

        _changed.Raise();
        try
        {
            await open.WaitAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            FanOut.Abandon(batch);
            throw;
        }

        if (_holds)
        {
            lock (_lock) _held.Enqueue(batch);
            _changed.Raise();
        }
        else Keep(batch);
    }

    private void Keep(LogBatch batch)
    {
        lock (_lock)
        {
            foreach (ref var entry in batch.Entries)
            {
                var line = Encoding.UTF8.GetString(batch.Line(entry));
                _lines.Add(new ReceivedLine(line, entry.Timestamp, entry.Labels.ToString(), entry.Resume));
            }
        }

        batch.Dispose();
        _changed.Raise();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource Completed()
    {
        var source = New();
        source.SetResult();
        return source;
    }

    private sealed class Inlet(LinesReceiver receiver) : ILogsInlet
    {
        public bool HoldsLines => false;

        public ValueTask SendAsync(LogBatch batch, CancellationToken cancel) => receiver.TakeAsync(batch, cancel);

        public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => ValueTask.CompletedTask;

        public void Dispose()
        {
        }
    }
}
