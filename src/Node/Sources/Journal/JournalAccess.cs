namespace Weir.Node.Sources.Journal;

/// <summary>Whether journal files are there and this user may read them: libsystemd passes over what it may not read
/// without a word.</summary>
/// <param name="CanRead">At least one file can be read.</param>
/// <param name="Problem">"": all of them can be.</param>
/// <param name="Remedy">What to do about it; "" where there is nothing but to wait.</param>
internal sealed record JournalAccess(bool CanRead, string Problem, string Remedy)
{
    private const string MachineIdFile = "/etc/machine-id";

    private const string Group = "add it to the group systemd-journal (usermod -aG systemd-journal USER; "
        + "in a container --group-add with that group's number) and start weir again";

    private static readonly string[] HostDirectories = ["/var/log/journal", "/run/log/journal"];

    /// <summary>The problem and its remedy; "" for none.</summary>
    public string Text => Remedy.Length == 0 ? Problem : $"{Problem}: {Remedy}";

    /// <param name="path">The directory; "" is this host's journal.</param>
    public static JournalAccess Of(string path)
    {
        if (path.Length > 0)
            return Directory.Exists(path) ? OfDirectories([path], path) : new JournalAccess(false,
                $"there is no directory {path}, or this user may not look into it", "in a container mount the host's");
        var present = HostDirectories.Where(Directory.Exists).ToList();
        var both = string.Join(" or ", HostDirectories);
        if (present.Count == 0)
            return new JournalAccess(false, $"there is no journal, no directory {both}",
                "in a container mount the host's, and /etc/machine-id, read-only");
        var machine = MachineId();
        var own = present.Select(folder => Path.Combine(folder, machine)).Where(Directory.Exists).ToList();
        if (machine.Length > 0 && own.Count > 0) return OfDirectories(own, both);
        return machine.Length == 0
            ? new JournalAccess(false, $"{MachineIdFile} cannot be read, which tells this host's journal from others",
                "in a container mount the host's, read-only")
            : new JournalAccess(false, $"{both} hold no journal of this machine ({machine})",
                $"in a container mount the host's {MachineIdFile}, too; for another machine's journal set path");
    }

    private static JournalAccess OfDirectories(IEnumerable<string> directories, string name)
    {
        var (readable, refused) = (0, 0);
        foreach (var directory in directories) Count(directory, ref readable, ref refused);
        if (refused == 0 && readable == 0) return new JournalAccess(false, $"{name}: no journal file yet", "");
        if (refused == 0) return new JournalAccess(true, "", "");
        return readable > 0
            ? new JournalAccess(true, $"{name}: {refused} of {readable + refused} files are not read, "
                + $"for user {Environment.UserName} may not", Group)
            : new JournalAccess(false, $"{name}: user {Environment.UserName} may not read the journal", Group);
    }

    private static void Count(string directory, ref int readable, ref int refused)
    {
        try
        {
            foreach (var file in Directory.EnumerateFiles(directory, "*.journal", SearchOption.AllDirectories))
            {
                if (CanOpen(file)) readable++;
                else refused++;
            }
        }
        catch (UnauthorizedAccessException)
        {
            refused++;
        }
        catch (IOException)
        {
            // It was removed while it was looked at: the next look sees.
        }
    }

    private static bool CanOpen(string file)
    {
        try
        {
            using var handle = File.OpenHandle(file, share: FileShare.ReadWrite | FileShare.Delete);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true; // gone by now; nothing is refused
        }
    }

    private static string MachineId()
    {
        try
        {
            return File.ReadAllText(MachineIdFile).Trim();
        }
        catch (IOException)
        {
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }
}
