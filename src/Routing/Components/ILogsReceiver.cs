using Weir.Protocol.Batches;

namespace Weir.Routing.Components;

/// <summary>What <c>forward_to</c> takes: the entry to a component that receives log entries.</summary>
/// <remarks>
/// A stable object for the life of its component: a reload changes what stands behind it, not the receiver itself, so
/// that unchanged sources keep running. Inlets notice such a change at their next batch.
/// </remarks>
public interface ILogsReceiver
{
    /// <summary>Opens an inlet for one source; what follows synchronously (stages, rules) runs on the caller's
    /// loop.</summary>
    ILogsInlet Open();
}

/// <summary>One source's way into the graph. Not for use from two threads at once.</summary>
public interface ILogsInlet : IDisposable
{
    /// <summary>Hands the batch over, whatever happens; waits while what follows is full.</summary>
    /// <exception cref="OperationCanceledException">Not delivered; the batch is disposed and its checkpoint will not
    /// complete.</exception>
    ValueTask SendAsync(LogBatch batch, CancellationToken cancel);

    /// <summary>A stage holds lines back until more of them, or enough time, has come (multiline, partial CRI
    /// lines).</summary>
    bool HoldsLines { get; }

    /// <summary>Sends on held lines whose wait is over, or all of them when <paramref name="ending"/>.</summary>
    /// <remarks>A source calls it at least every second while <see cref="HoldsLines"/> and it has nothing to
    /// read.</remarks>
    ValueTask ReleaseAsync(bool ending, CancellationToken cancel);
}
