using System.Collections.Concurrent;
using System.Globalization;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using Weir.Routing.Actors;
using Weir.Routing.Ports;

namespace Weir.Node.RabbitMq;

/// <summary>Hands messages to the broker and learns of each what became of it.</summary>
/// <remarks>One channel with confirms; when it ends, what it had under way is unknown and another is opened.</remarks>
internal sealed class Publisher : IDisposable
{
    /// <summary>Unconfirmed at the most; who comes later waits.</summary>
    public const long WindowBytes = 32L << 20;

    // Under the 128 messages that the client's own queue to the socket takes: sending never waits for a broker that
    // has stopped to read.
    private const int WindowCount = 64;

    // Far above what a change of a queue's leader takes.
    private static readonly TimeSpan ConfirmWaitMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReopenAfter = TimeSpan.FromMilliseconds(250);

    private readonly BrokerConnection _connection;
    private readonly BrokerEvents _events;
    private readonly TimeProvider _time;
    private readonly Func<string, CancellationToken, ValueTask<bool>> _declareAgain;
    private readonly ConcurrentDictionary<string, bool> _missing = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1, 1); // those who wait are served in the order they came
    private readonly Signal _changed = new();
    private volatile OpenChannel? _open;

    /// <param name="declareAgain">Makes a queue that is gone; false when that is not possible now.</param>
    public Publisher(
        BrokerConnection connection, Func<string, CancellationToken, ValueTask<bool>> declareAgain,
        BrokerEvents events, TimeProvider time)
    {
        _connection = connection;
        _declareAgain = declareAgain;
        _events = events;
        _time = time;
        connection.Changed = _changed.Set;
    }

    /// <param name="type">Tells marks of the adapter's own from fragments; null for those.</param>
    public async Task<PublishOutcome> PublishAsync(
        string queue, ReadOnlyMemory<byte> message, string? type, CancellationToken cancel)
    {
        var started = _time.GetTimestamp();
        Task<PublishOutcome> sent;
        await _turn.WaitAsync(cancel);
        try
        {
            sent = await SendAsync(queue, message, type, cancel);
        }
        finally
        {
            _turn.Release();
        }

        var outcome = await sent.WaitAsync(cancel);
        _events.Published(outcome, message.Length, _time.GetElapsedTime(started));
        return outcome;
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                var connection = await _connection.GetAsync(cancel);
                await using var channel = await connection.CreateChannelAsync(
                    new CreateChannelOptions(
                        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false),
                    cancel);
                await UseAsync(channel, cancel);
            }
            catch (Exception fault) when (BrokerFault.IsOne(fault) && !cancel.IsCancellationRequested)
            {
                // The connection ended; it says so itself.
            }

            await Task.Delay(ReopenAfter, _time, cancel);
        }
    }

    public void Dispose() => _turn.Dispose();

    private async ValueTask UseAsync(IChannel channel, CancellationToken cancel)
    {
        var window = new ConfirmWindow(WindowBytes, WindowCount);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        channel.ChannelShutdownAsync += (_, _) => Done(() => ended.TrySetResult());
        channel.BasicAcksAsync += (_, ack) => Answer(window, ack.DeliveryTag, ack.Multiple, PublishOutcome.Confirmed);
        channel.BasicNacksAsync += (_, nack) => Answer(window, nack.DeliveryTag, nack.Multiple, PublishOutcome.Refused);
        channel.BasicReturnAsync += (_, returned) => Done(() => Return(window, returned));
        _open = new OpenChannel(channel, window);
        try
        {
            while (channel.IsOpen)
            {
                if (window.OldestAt is { } oldest && _time.GetElapsedTime(oldest) > ConfirmWaitMax
                    && _connection.BlockedBy.Length == 0)
                {
                    _events.ConfirmsMissing(window.Count, ConfirmWaitMax);
                    return;
                }

                await Task.WhenAny(ended.Task, Task.Delay(LookEvery, _time, cancel));
                cancel.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            _open = null;
            window.Abandon();
            _changed.Set();
        }
    }

    /// <summary>In turn. Waits while the window is full.</summary>
    private async ValueTask<Task<PublishOutcome>> SendAsync(
        string queue, ReadOnlyMemory<byte> message, string? type, CancellationToken cancel)
    {
        if (_missing.ContainsKey(queue))
        {
            if (!await _declareAgain(queue, cancel)) return Task.FromResult(PublishOutcome.NotSent);
            _missing.TryRemove(queue, out _);
        }

        while (true)
        {
            if (_open is not { Channel.IsOpen: true } open || _connection.BlockedBy.Length > 0)
                return Task.FromResult(PublishOutcome.NotSent);
            if (!open.Window.TryAdd(message.Length, _time.GetTimestamp(), out var tag, out var outcome))
            {
                await _changed.WaitAsync(cancel);
                continue;
            }

            if (!outcome.IsCompleted) await WriteAsync(open, queue, message, type, tag);
            return outcome;
        }
    }

    /// <summary>The client copies the message on its way to the socket.</summary>
    private static async ValueTask WriteAsync(
        OpenChannel open, string queue, ReadOnlyMemory<byte> message, string? type, ulong tag)
    {
        var properties = new BasicProperties
        {
            Persistent = true,
            MessageId = tag.ToString(CultureInfo.InvariantCulture), // what a returned message is known by
            Type = type,
        };
        try
        {
            await open.Channel.BasicPublishAsync(
                "", queue, mandatory: true, properties, message, CancellationToken.None);
        }
        catch (Exception fault) when (BrokerFault.IsOne(fault))
        {
            open.Window.Abandon(); // the channel is gone: of none of them an answer comes
        }
    }

    private Task Answer(ConfirmWindow window, ulong tag, bool upTo, PublishOutcome outcome)
    {
        window.Answer(tag, upTo, outcome);
        _changed.Set();
        return Task.CompletedTask;
    }

    private void Return(ConfirmWindow window, BasicReturnEventArgs returned)
    {
        _missing[returned.RoutingKey] = true;
        if (ulong.TryParse(returned.BasicProperties.MessageId, CultureInfo.InvariantCulture, out var tag))
            window.Return(tag);
    }

    private static Task Done(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private sealed record OpenChannel(IChannel Channel, ConfirmWindow Window);
}
