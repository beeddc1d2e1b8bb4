using Weir.Routing.Ports;

namespace Weir.Routing.Lanes;

/// <summary>How an endpoint is asked what it has stored. All lanes of the endpoint share it, and that it
/// refuses.</summary>
/// <param name="query">Owned by whoever made the settings.</param>
/// <param name="sharesServer">Queries go to the very server that takes the pushes: where no connection comes about, no
/// push could be sent either.</param>
/// <param name="isInsisted">A refusal does not turn it off.</param>
public sealed class EndpointLookup(ILogQuery query, bool sharesServer, bool isInsisted)
{
    /// <summary>Pushes that are looked up at once: each holds its entries and the answers.</summary>
    private const int LookupsMax = 2;

    /// <summary>Uncompressed bytes of the pushes that are looked up at once.</summary>
    private const long PushBytesMax = 8 * 1024 * 1024;

    private int _isOff;

    public ILogQuery Query => query;

    public bool SharesServer => sharesServer;

    /// <summary>Bounds the lookups of all lanes of the endpoint; those of another one do not wait for it.</summary>
    internal ByteGate Gate { get; } = new(PushBytesMax, LookupsMax);

    public bool IsOn => Volatile.Read(ref _isOff) == 0;

    /// <summary>The endpoint let nobody read.</summary>
    /// <returns>Whether it was turned off by this.</returns>
    public bool TurnOff() => !isInsisted && Interlocked.Exchange(ref _isOff, 1) == 0;

    /// <summary>A new configuration is in force: it may be tried again.</summary>
    public void TurnOn() => Volatile.Write(ref _isOff, 0);
}
