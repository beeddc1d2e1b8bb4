using System.Net;
using Weir.Node.Cluster;
using Weir.Routing.Language;

namespace Weir.Node.Agent;

/// <summary>How the node was started.</summary>
/// <param name="Path">A file or a folder; null where there is none.</param>
/// <param name="HostFolder">Holds a file a host; null where there is none.</param>
/// <param name="Format">The language of the file.</param>
/// <param name="Address">Of the admin endpoint; port 0 lets the system choose.</param>
/// <param name="TokenFile">Holds the bearer token of the admin endpoint; null: the environment may.</param>
/// <param name="StoragePath">Spool, positions, and the embedded store where it is on.</param>
/// <param name="SpoolBytesMax">Disk budget of the spool, at least <see cref="SpoolBytesMin"/>.</param>
/// <param name="StoreEnabled">Null: on without a configuration, off with one.</param>
/// <param name="Stability">The least settled components that it may run.</param>
/// <param name="Cluster">What the command line and the environment say of the cluster.</param>
internal sealed record NodeSettings(
    string? Path, string? HostFolder, ConfigurationFormat Format, IPEndPoint Address, string? TokenFile,
    string StoragePath, long SpoolBytesMax, bool? StoreEnabled, Stability Stability, ClusterOverrides Cluster)
{
    /// <summary>Four times what sources may have waiting for one commit, which has to fit an empty spool.</summary>
    public const long SpoolBytesMin = 32L << 20;

    /// <summary>What the node runs now; null: the built-in configuration.</summary>
    /// <remarks>Looked up at each load, for a host's own file may come later.</remarks>
    public string? Configuration => HostFolder is null ? Path : HostFile.In(HostFolder, Environment.MachineName);

    public string SpoolPath => System.IO.Path.Combine(StoragePath, "spool");

    public bool ServesStore => StoreEnabled ?? Configuration is null;
}
