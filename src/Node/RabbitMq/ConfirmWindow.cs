using Weir.Routing.Ports;

namespace Weir.Node.RabbitMq;

/// <summary>The messages of one channel that are on their way and not answered, in order.</summary>
/// <remarks>For any thread.</remarks>
internal sealed class ConfirmWindow(long bytesMax, int countMax)
{
    private readonly Lock _gate = new();
    private readonly Queue<Sent> _sent = new();
    private long _bytes;
    private ulong _lastTag;
    private bool _isAbandoned;

    public int Count
    {
        get { lock (_gate) return _sent.Count; }
    }

    /// <summary>When the oldest one left (<see cref="TimeProvider.GetTimestamp"/>); null while there is none.</summary>
    public long? OldestAt
    {
        get { lock (_gate) return _sent.TryPeek(out var oldest) ? oldest.At : null; }
    }

    /// <summary>One that is larger than the whole is admitted alone.</summary>
    /// <returns>False while there is no room.</returns>
    public bool TryAdd(int bytes, long at, out ulong tag, out Task<PublishOutcome> outcome)
    {
        lock (_gate)
        {
            tag = _lastTag + 1;
            outcome = Task.FromResult(PublishOutcome.NotSent);
            if (_isAbandoned) return true;
            if (_sent.Count > 0 && (_bytes + bytes > bytesMax || _sent.Count >= countMax)) return false;
            var sent = new Sent(tag, bytes, at);
            _sent.Enqueue(sent);
            _bytes += bytes;
            _lastTag = tag;
            outcome = sent.Outcome.Task;
            return true;
        }
    }

    /// <summary>The message reached no queue; its confirm, still to come, says only that it was looked at.</summary>
    public void Return(ulong tag)
    {
        lock (_gate)
            foreach (var sent in _sent)
                if (sent.Tag == tag) sent.IsReturned = true;
    }

    /// <param name="upTo">Whether all earlier ones are meant too.</param>
    public void Answer(ulong tag, bool upTo, PublishOutcome outcome)
    {
        lock (_gate)
        {
            foreach (var sent in _sent)
            {
                if (sent.Tag == tag || (upTo && sent.Tag < tag))
                    Settle(sent, sent.IsReturned ? PublishOutcome.Refused : outcome);
            }

            while (_sent.TryPeek(out var first) && first.IsSettled) _sent.Dequeue();
        }
    }

    /// <summary>The channel ended: no more answers come.</summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _isAbandoned = true;
            foreach (var sent in _sent) Settle(sent, PublishOutcome.Unknown);
            _sent.Clear();
        }
    }

    private void Settle(Sent sent, PublishOutcome outcome)
    {
        if (sent.IsSettled) return;
        sent.IsSettled = true;
        _bytes -= sent.Bytes;
        sent.Outcome.SetResult(outcome);
    }

    private sealed class Sent(ulong tag, int bytes, long at)
    {
        public ulong Tag => tag;

        public int Bytes => bytes;

        public long At => at;

        public bool IsReturned { get; set; }

        public bool IsSettled { get; set; }

        public TaskCompletionSource<PublishOutcome> Outcome { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
