using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Weir.Node.Sources.Syslog;

/// <summary>Who sent a message, as labels say it.</summary>
/// <param name="Address">UTF-8.</param>
/// <param name="Hostname">UTF-8; empty where the address has no name, or no rule asks for it.</param>
internal sealed record SyslogPeer(byte[] Address, byte[] Hostname);

/// <summary>Finds the names of senders.</summary>
/// <param name="lookUp">The name of an address; "" when it has none.</param>
internal sealed class SyslogPeers(Func<IPAddress, CancellationToken, Task<string>> lookUp)
{
    private static readonly TimeSpan LookUpTimeout = TimeSpan.FromSeconds(2);

    public static SyslogPeers OfSystem(TimeProvider time) => new(async (address, cancel) =>
    {
        try
        {
            return (await Dns.GetHostEntryAsync(address).WaitAsync(LookUpTimeout, time, cancel)).HostName;
        }
        catch (Exception unknown) when (unknown is SocketException or TimeoutException)
        {
            return "";
        }
    });

    /// <param name="isNamed">Whether the name is asked for: that may take two seconds.</param>
    public async ValueTask<SyslogPeer> FindAsync(IPAddress address, bool isNamed, CancellationToken cancel)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var name = isNamed ? await lookUp(address, cancel) : "";
        return new SyslogPeer(Encoding.UTF8.GetBytes(address.ToString()), Encoding.UTF8.GetBytes(name));
    }
}
