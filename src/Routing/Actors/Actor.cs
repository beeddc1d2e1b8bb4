using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Weir.Routing.Actors;

/// <summary>State and rules. One loop calls it, so it needs no locks.</summary>
public interface IBehavior<in T> : IAsyncDisposable
{
    ValueTask HandleAsync(T message, CancellationToken cancel);
}

/// <summary>One mailbox, one loop. A fault rebuilds the behavior; the mailbox survives.</summary>
/// <param name="capacity">Messages that wait at the most; a full mailbox makes senders wait.</param>
public sealed class Actor<T>(
    string name, int capacity, Func<IBehavior<T>> create,
    RestartPolicy restarts, RoutingEvents events, TimeProvider time)
{
    private readonly Channel<T> _mailbox =
        Channel.CreateBounded<T>(new BoundedChannelOptions(capacity) { SingleReader = true });

    /// <summary>Hands the message over; waits while the mailbox is full.</summary>
    /// <exception cref="ChannelClosedException">Stopped; the caller still owns it.</exception>
    public ValueTask PostAsync(T message, CancellationToken cancel) => _mailbox.Writer.WriteAsync(message, cancel);

    public bool TryPost(T message) => _mailbox.Writer.TryWrite(message);

    /// <summary>Takes what nobody handled, once the run has ended.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T message) => _mailbox.Reader.TryRead(out message);

    public void Complete() => _mailbox.Writer.TryComplete();

    /// <exception cref="Exception">The last fault, restarts spent: the parent decides.</exception>
    public async Task RunAsync(CancellationToken cancel)
    {
        try
        {
            await Supervision.RunAsync(name, RunOnceAsync, restarts, events, time, cancel);
        }
        finally
        {
            Complete(); // senders to a dead actor must fail, not hang
        }
    }

    private async Task RunOnceAsync(CancellationToken cancel)
    {
        await using var behavior = create();
        // Not ReadAllAsync: that leaves the caller's scheduling context, by which a simulation orders all steps.
        while (await _mailbox.Reader.WaitToReadAsync(cancel))
        {
            while (_mailbox.Reader.TryRead(out var message)) await behavior.HandleAsync(message, cancel);
        }
    }
}
