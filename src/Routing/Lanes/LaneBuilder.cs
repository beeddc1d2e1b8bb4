using System.Threading.Channels;
using Weir.Protocol.Batches;
using Weir.Routing.Actors;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>To a builder: a batch to append, a request to seal, or (neither) a look at the clock.</summary>
internal readonly record struct BuilderMessage(LogBatch? Batch, TaskCompletionSource? Sealed);

/// <summary>The actor that turns batches of one tenant and partition into fragments.</summary>
internal sealed class LaneBuilder : ISealer, IDisposable
{
    // More than the destination's gate lets through: requests to seal find room behind a full load of batches.
    private const int MailboxMax = Destination.BatchesMax + 32;

    private readonly Actor<BuilderMessage> _actor;
    private readonly Task _run;
    private readonly Committer _committer;
    private readonly ByteGate _gate;
    private readonly CancellationTokenSource _givenUp = new();

    public string Tenant { get; }

    public LaneBuilder(FragmentKey key, Destination destination, DeliveryContext context)
    {
        Tenant = key.Tenant;
        _committer = context.Committer;
        _gate = destination.Gate;
        _actor = new Actor<BuilderMessage>(
            $"{key.Destination} builder", MailboxMax,
            () => new BuilderBehavior(key, destination, context, LookAtClock),
            RestartPolicy.Forever, context.Events, context.Time);
        _committer.Add(this);
        _run = _actor.RunAsync(_givenUp.Token);
    }

    /// <summary>Hands over a batch that the destination's gate has admitted.</summary>
    /// <exception cref="ChannelClosedException">Stopped; the caller still owns the batch, and it has left the
    /// gate.</exception>
    public async ValueTask PostAsync(LogBatch batch, int charge)
    {
        try
        {
            batch.Checkpoint?.MarkSent();
            await _actor.PostAsync(new BuilderMessage(batch, null), CancellationToken.None);
        }
        catch (ChannelClosedException)
        {
            _gate.Exit(charge);
            throw;
        }
    }

    public async ValueTask SealAsync(CancellationToken cancel)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _actor.PostAsync(new BuilderMessage(null, done), cancel);
        }
        catch (ChannelClosedException)
        {
            return; // stopped: it sealed what it had
        }

        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), done);
        await done.Task;
    }

    /// <summary>Works off the mailbox, seals and ends.</summary>
    /// <param name="cancel">Gives up what the spool has not taken: its sources will read it again.</param>
    public async ValueTask StopAsync(CancellationToken cancel)
    {
        try
        {
            await SealAsync(cancel);
        }
        catch (OperationCanceledException)
        {
            _givenUp.Cancel(); // CancelAsync leaves the scheduling context, by which a simulation orders all steps
        }

        _actor.Complete();
        await using (cancel.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _givenUp))
        {
            await _run.ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        while (_actor.TryTake(out var message)) Abandon(message);
        _committer.Remove(this);
    }

    /// <summary>Once it has stopped.</summary>
    public void Dispose() => _givenUp.Dispose();

    private void Abandon(BuilderMessage message)
    {
        message.Sealed?.TrySetResult();
        if (message.Batch is not { } batch) return;
        _gate.Exit(Destination.ChargeOf(batch));
        FanOut.Abandon(batch);
    }

    private void LookAtClock() => _actor.TryPost(default);
}
