namespace Weir.Node.Sources.Docker;

/// <summary>The container that this process runs in.</summary>
/// <remarks>
/// Its log is collected like any other, for an operator wants to see it; but what Weir writes about delivering it must
/// not make more of it. Two things see to that: nothing is logged per line, batch or push that succeeds, and repeated
/// messages are throttled; and its log is read at most once a <see cref="ContainerTail.OwnPause"/>, so that even a
/// line about each delivery (at debug level) costs one small delivery in that time, not a loop at full speed.
/// </remarks>
public static class OwnContainer
{
    private const int IdLength = 64;
    private const string ContainersFolder = "/containers/";

    /// <returns>The id; "" outside of a container.</returns>
    public static string Read()
    {
        try
        {
            return Find(File.ReadAllText("/proc/self/mountinfo"));
        }
        catch (IOException)
        {
            return ""; // no /proc: not Linux, hence in no container of this engine
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Docker mounts <c>/etc/hostname</c> from the container's own folder, whatever cgroups are in
    /// use.</summary>
    /// <param name="mountInfo">The text of <c>/proc/self/mountinfo</c>; on the host it names other containers' folders
    /// as mount points, which do not count.</param>
    /// <returns>The id; "" when there is none.</returns>
    public static string Find(string mountInfo)
    {
        foreach (var line in mountInfo.Split('\n'))
        {
            // id, parent, device, root within its file system, mount point, …
            var fields = line.Split(' ');
            if (fields.Length < 5 || fields[4] is not ("/etc/hostname" or "/etc/hosts" or "/etc/resolv.conf")) continue;
            var at = fields[3].LastIndexOf(ContainersFolder, StringComparison.Ordinal);
            if (at < 0) continue;
            var id = fields[3].AsSpan(at + ContainersFolder.Length);
            var end = id.IndexOf('/');
            if (end == IdLength && id[..end].IndexOfAnyExceptInRange('0', 'f') < 0) return id[..end].ToString();
        }

        return "";
    }
}
