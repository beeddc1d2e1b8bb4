using System.Globalization;
using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Files;

/// <summary>Keys of positions: <c>path@slot@sequence</c>.</summary>
/// <remarks>
/// Each content that a path has had keeps a position of its own, so that an old one can be read on while the new one
/// is; the sequence is their order. Labels are no part of it: another label does not read a file again.
/// </remarks>
/// <seealso href="docs/formats/file-positions.md"/>
internal static class FileKeys
{
    /// <param name="slot">0, or a number where one path is tailed several times, with other labels.</param>
    public static SourceKey Of(string component, string path, int slot, long sequence) =>
        new(component, string.Create(CultureInfo.InvariantCulture, $"{path}@{slot}@{sequence}"));

    /// <summary>Taken apart from the end: a path may hold any character.</summary>
    public static bool TryParse(string key, out string path, out int slot, out long sequence)
    {
        path = "";
        slot = 0;
        sequence = 0;
        var second = key.LastIndexOf('@');
        var first = second > 0 ? key.LastIndexOf('@', second - 1) : -1;
        if (first < 0) return false;
        var (digits, invariant) = (NumberStyles.None, CultureInfo.InvariantCulture);
        if (!int.TryParse(key.AsSpan(first + 1, second - first - 1), digits, invariant, out slot)
            || !long.TryParse(key.AsSpan(second + 1), digits, invariant, out sequence)) return false;
        path = key[..first];
        return true;
    }
}
