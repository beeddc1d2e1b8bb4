using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Weir.Node.Store;

/// <summary>Hands pushes to those who follow them live. A slow follower loses pushes, counted, and delays
/// nobody.</summary>
internal sealed class TailHub
{
    /// <summary>Pushes that wait for a follower.</summary>
    public const int PushesMax = 64;

    private readonly ConcurrentDictionary<Follower, string> _followers = new();

    public void Publish(string tenant, DecodedPush push)
    {
        foreach (var (follower, of) in _followers)
            if (of == tenant) follower.Offer(push);
    }

    /// <summary>Follows a tenant until disposed.</summary>
    public Follower Follow(string tenant)
    {
        var follower = new Follower(this);
        _followers[follower] = tenant;
        return follower;
    }

    internal sealed class Follower : IDisposable
    {
        private readonly TailHub _hub;
        private readonly Channel<DecodedPush> _pushes;
        private int _dropped;

        public Follower(TailHub hub)
        {
            _hub = hub;
            _pushes = Channel.CreateBounded<DecodedPush>(
                new BoundedChannelOptions(PushesMax) { FullMode = BoundedChannelFullMode.DropOldest },
                push => Interlocked.Add(ref _dropped, push.Entries));
        }

        public ChannelReader<DecodedPush> Pushes => _pushes.Reader;

        /// <summary>Entries that this follower has not got since it was asked last.</summary>
        public int TakeDropped() => Interlocked.Exchange(ref _dropped, 0);

        public void Offer(DecodedPush push) => _pushes.Writer.TryWrite(push);

        public void Dispose() => _hub._followers.TryRemove(this, out _);
    }
}
