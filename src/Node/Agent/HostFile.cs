namespace Weir.Node.Agent;

/// <summary>Finds the configuration of a host in a folder that holds those of many.</summary>
internal static class HostFile
{
    private const string Extension = ".alloy";
    private const string Otherwise = "default" + Extension;

    /// <param name="folder">The folder.</param>
    /// <param name="host">Name of this host; with a domain, the name without it counts too.</param>
    /// <returns><c>HOST.alloy</c> if it is there, else <c>default.alloy</c>, there or not.</returns>
    public static string In(string folder, string host)
    {
        foreach (var name in new[] { host, host.Split('.')[0] })
        {
            var file = Path.Combine(folder, name + Extension);
            if (File.Exists(file)) return file;
        }

        return Path.Combine(folder, Otherwise);
    }
}
