using System.Text;
using Weir.Protocol.Batches;
using Weir.Routing.Components;

namespace Weir.Support;

/// <summary>An entry as a receiver got it.</summary>
/// <param name="Timestamp">Unix nanoseconds.</param>
/// <param name="Stream">The label set as Loki writes it.</param>
/// <param name="Line">Decoded as UTF-8.</param>
public sealed record Received(long Timestamp, string Stream, string Line);

/// <summary>The end of a pipeline: keeps all entries, and completes their checkpoints at once.</summary>
public sealed class CollectingReceiver : ILogsReceiver
{
    private readonly Signals _signals = new();
    private readonly List<Received> _received = [];
    private TaskCompletionSource _gate = Opened();

    public IReadOnlyList<Received> Entries
    {
        get
        {
            lock (_received) return [.. _received];
        }
    }

    public IReadOnlyList<string> Lines => [.. Entries.Select(entry => entry.Line)];

    /// <summary>Makes senders wait, as a full pipeline does.</summary>
    public void Close() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _gate.TrySetResult();

    public Task UntilAsync(string what, Func<IReadOnlyList<Received>, bool> holds) =>
        _signals.UntilAsync(what, () => holds(Entries));

    /// <summary>Waits for that many entries and returns their lines.</summary>
    public async Task<IReadOnlyList<string>> LinesAsync(int count)
    {
        await _signals.UntilAsync($"{count} lines", () => Entries.Count >= count);
        return Lines;
    }

    ILogsInlet ILogsReceiver.Open() => new Inlet(this);

    private static TaskCompletionSource Opened()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }

    private void Take(LogBatch batch)
    {
        lock (_received)
        {
            foreach (ref readonly var entry in batch.Entries)
            {
                _received.Add(new Received(
                    entry.Timestamp, entry.Labels.ToString(), Encoding.UTF8.GetString(batch.Line(entry))));
            }
        }

        batch.Dispose();
        _signals.Raise();
    }

    private sealed class Inlet(CollectingReceiver owner) : ILogsInlet
    {
        public bool HoldsLines => false;

        public async ValueTask SendAsync(LogBatch batch, CancellationToken cancel)
        {
            try
            {
                await owner._gate.Task.WaitAsync(cancel);
            }
            catch (OperationCanceledException)
            {
                FanOut.Abandon(batch);
                throw;
            }

            owner.Take(batch);
        }

        public ValueTask ReleaseAsync(bool ending, CancellationToken cancel) => ValueTask.CompletedTask;

        public void Dispose()
        {
        }
    }
}
