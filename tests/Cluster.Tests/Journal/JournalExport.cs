using System.Diagnostics;

namespace Weir.Cluster.Tests.Journal;

/// <summary>Entries in the journal's export format, made into journal files by systemd's own tool.</summary>
internal static class JournalExport
{
    private static readonly string Boot = new('1', 32);

    /// <param name="number">Grows from entry to entry.</param>
    /// <param name="fields">NAME=value, trusted fields too.</param>
    public static string Entry(int number, TimeSpan age, params string[] fields)
    {
        var microseconds = (TimeProvider.System.GetUtcNow() - age).ToUnixTimeMilliseconds() * 1000;
        return $"__CURSOR=s={Boot};i={number};b={Boot};m={number};t={microseconds:x};x={number}\n"
            + $"__REALTIME_TIMESTAMP={microseconds}\n__MONOTONIC_TIMESTAMP={number * 1_000_000}\n_BOOT_ID={Boot}\n"
            + string.Join('\n', fields) + "\n\n";
    }

    public static async Task StoreAsync(string export, string journal)
    {
        var tool = new[] { "/lib/systemd/systemd-journal-remote", "/usr/lib/systemd/systemd-journal-remote" }
            .FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException(
                "systemd-journal-remote is missing: install the package of that name");
        using var remote = Process.Start(tool, ["-o", journal, "--split-mode=none", export]);
        await remote.WaitForExitAsync();
        Assert.Equal(0, remote.ExitCode);
    }
}
