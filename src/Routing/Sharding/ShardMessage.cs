using Weir.Protocol.Fragments;
using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

/// <summary>A fragment in hand until every lane that owes it is done with it; then its message is
/// acknowledged.</summary>
internal sealed class ShardMessage
{
    private readonly BrokerMessage _message;
    private readonly IBrokerSession _session;
    private readonly Holdings _holdings;
    private int _holders = 1;

    /// <param name="id">Grows in the order in which messages came to this owner.</param>
    /// <param name="since">When it came (<see cref="TimeProvider.GetTimestamp"/>).</param>
    public ShardMessage(
        long id, BrokerMessage message, FragmentMessage fragment, IBrokerSession session, Holdings holdings,
        long since)
    {
        _message = message;
        _session = session;
        _holdings = holdings;
        Content = fragment;
        Since = since;
        var fields = fragment.Fields;
        Fragment = new StoredFragment(
            id, new FragmentKey(fields.Destination, fields.Tenant, fields.Partition),
            FragmentFacts.Of(fragment.Header), fragment.Payload);
        holdings.Add(message.Body.Length);
    }

    public FragmentMessage Content { get; }

    public StoredFragment Fragment { get; }

    public long Since { get; }

    /// <summary>It may have been sent before, and nobody knows how that ended.</summary>
    public bool IsInDoubt => _message.IsRedelivered || Content.Fields.IsResent;

    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Once for the one who made it and for each hold; the last one gives its memory back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        _holdings.Remove(_message.Body.Length);
        _session.Acknowledge(_message);
    }

    /// <summary>Instead of the last release: the message goes back to its queue with the session.</summary>
    public void Forget() => _holdings.Remove(_message.Body.Length);
}

/// <summary>What an owner has in hand. Any thread.</summary>
internal sealed class Holdings
{
    private long _bytes;
    private long _count;

    public long Bytes => Volatile.Read(ref _bytes);

    public long Count => Volatile.Read(ref _count);

    public void Add(int bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Increment(ref _count);
    }

    public void Remove(int bytes)
    {
        Interlocked.Add(ref _bytes, -bytes);
        Interlocked.Decrement(ref _count);
    }
}
