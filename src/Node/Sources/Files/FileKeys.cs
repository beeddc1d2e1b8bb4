using System.Globalization;
using Weir.Node.Sources.Files.Native;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Files;

/// <summary>Keys of positions: <c>path@device:inode</c>, with <c>@slot</c> behind it where a path is tailed more than
/// once.</summary>
/// <remarks>
/// Each file that a path has named keeps a position of its own, so that an old one can be read on while the new one is.
/// Labels are no part of it: another label does not read a file again.
/// </remarks>
internal static class FileKeys
{
    public static SourceKey Of(string component, string path, int slot, FileIdentity file)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{path}@{file.Device:x}:{file.Inode}");
        return new SourceKey(component, slot == 0 ? key : string.Create(CultureInfo.InvariantCulture, $"{key}@{slot}"));
    }

    /// <summary>Taken apart from the end: a path may hold any character.</summary>
    public static bool TryParse(string key, out string path, out int slot)
    {
        path = "";
        slot = 0;
        var end = key.LastIndexOf('@');
        if (end < 0) return false;
        if (!key.AsSpan(end).Contains(':'))
        {
            var number = key.AsSpan(end + 1);
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out slot)) return false;
            end = end == 0 ? -1 : key.LastIndexOf('@', end - 1);
            if (end < 0) return false;
        }

        path = key[..end];
        return true;
    }
}
