using Weir.Routing.Actors;
using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>One node's way to a <see cref="MemoryBroker"/>, to be cut and mended by a test.</summary>
public sealed class MemoryBrokerClient(MemoryBroker broker, string node) : IBroker, INodeMessages
{
    private const int InboxMax = 1000;

    private readonly List<MemoryBrokerSession> _sessions = [];
    private readonly Queue<(string Queue, byte[] Body, TaskCompletionSource<PublishOutcome> Done)> _outbox = new();
    private readonly Queue<byte[]> _inbox = new();
    private readonly Signal _received = new();
    private readonly List<TaskCompletionSource> _waiting = [];
    private int _connection; // which one: what was under way on an earlier one has no answer
    private bool _isSending;
    private bool _isGone;

    public string Node => node;

    public bool IsConnected { get; private set; } = true;

    public BrokerStatus Status => new(
        IsConnected, IsConnected ? "memory" : "", broker.IsBlocked ? "memory" : "", IsConnected ? "" : "cut");

    /// <summary>The connection breaks: sessions are lost, and what is under way has no answer.</summary>
    public void Cut()
    {
        lock (broker.Gate)
        {
            IsConnected = false;
            _connection++;
            foreach (var session in _sessions.ToArray()) session.Lose("the connection was cut");
        }
    }

    public void Mend()
    {
        lock (broker.Gate)
        {
            if (_isGone) return;
            IsConnected = true;
            foreach (var waiting in _waiting) waiting.TrySetResult();
            _waiting.Clear();
        }
    }

    /// <summary>The node died: the broker notices at once, the node nothing more.</summary>
    public void Die()
    {
        Cut();
        lock (broker.Gate)
        {
            _isGone = true;
            broker.Forget(this);
        }
    }

    public async ValueTask DeclareAsync(string queue, QueueUse use, CancellationToken cancel)
    {
        await ConnectedAsync(cancel);
        lock (broker.Gate) broker.Declare(queue);
    }

    public Task<PublishOutcome> PublishAsync(string queue, ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        var done = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (broker.Gate)
        {
            if (!IsConnected || broker.IsBlocked) return Task.FromResult(PublishOutcome.NotSent);
            _outbox.Enqueue((queue, message.ToArray(), done));
            if (_isSending) return done.Task;
            _isSending = true;
        }

        _ = SendAllAsync();
        return done.Task;
    }

    public async ValueTask<IBrokerSession> OpenSessionAsync(CancellationToken cancel)
    {
        await ConnectedAsync(cancel);
        lock (broker.Gate)
        {
            if (!IsConnected) throw new BrokerSessionLostException("the connection was cut");
            var session = new MemoryBrokerSession(broker, ended => _sessions.Remove(ended));
            _sessions.Add(session);
            return session;
        }
    }

    public ValueTask<bool> SendAsync(string? to, ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        lock (broker.Gate)
        {
            if (!IsConnected) return ValueTask.FromResult(false);
            broker.Send(to, message.ToArray());
            return ValueTask.FromResult(true);
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancel)
    {
        while (true)
        {
            lock (broker.Gate)
            {
                if (_inbox.TryDequeue(out var message)) return message;
            }

            await _received.WaitAsync(cancel);
        }
    }

    internal void Receive(byte[] message)
    {
        if (_inbox.Count == InboxMax) _inbox.Dequeue();
        _inbox.Enqueue(message);
        _received.Set();
    }

    private async ValueTask ConnectedAsync(CancellationToken cancel)
    {
        TaskCompletionSource connected;
        lock (broker.Gate)
        {
            if (IsConnected) return;
            connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(connected);
        }

        await using var stopped = cancel.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), connected);
        await connected.Task;
    }

    /// <summary>One message after the other, as on one wire; confirms come back on their own.</summary>
    private async Task SendAllAsync()
    {
        while (true)
        {
            int connection;
            lock (broker.Gate)
            {
                _isSending = _outbox.Count > 0;
                if (!_isSending) return;
                connection = _connection;
            }

            await DelayAsync();
            lock (broker.Gate)
            {
                var (queue, body, done) = _outbox.Dequeue();
                if (connection != _connection)
                {
                    if (broker.Arrives()) broker.TryAppend(queue, body);
                    done.SetResult(PublishOutcome.Unknown);
                    LoseOutbox();
                }
                else if (broker.TryAppend(queue, body)) _ = ConfirmAsync(connection, done);
                else done.SetResult(PublishOutcome.Refused);
            }
        }
    }

    /// <summary>What followed on the broken wire did not arrive, for its predecessor may not have.</summary>
    private void LoseOutbox()
    {
        while (_outbox.TryDequeue(out var lost)) lost.Done.SetResult(PublishOutcome.Unknown);
    }

    private async Task ConfirmAsync(int connection, TaskCompletionSource<PublishOutcome> done)
    {
        await DelayAsync();
        lock (broker.Gate)
            done.SetResult(connection == _connection ? PublishOutcome.Confirmed : PublishOutcome.Unknown);
    }

    private async ValueTask DelayAsync()
    {
        var latency = broker.Latency();
        if (latency > TimeSpan.Zero) await Task.Delay(latency, broker.Time);
    }
}
