using Weir.Node.Sources.Files.Globbing;
using Weir.Node.Sources.Files.Native;

namespace Weir.Node.Sources.Files;

/// <summary>Turns targets with globs into a target a file: what <c>local.file_match</c> and the block
/// <c>file_match</c> share.</summary>
internal static class FileMatcher
{
    public const string PathLabel = "__path__";
    public const string ExcludeLabel = "__path_exclude__";

    /// <param name="youngerThan">Files last written before are left out; ns since the epoch.</param>
    public static FileMatches Match(IReadOnlyList<IReadOnlyDictionary<string, string>> patterns, long youngerThan)
    {
        var matches = new FileMatches();
        foreach (var pattern in patterns)
        {
            try
            {
                Match(pattern, youngerThan, matches);
            }
            catch (GlobException wrong)
            {
                matches.Problems.Add(wrong.Message);
            }
        }

        return matches;
    }

    private static void Match(IReadOnlyDictionary<string, string> pattern, long youngerThan, FileMatches matches)
    {
        if (!pattern.TryGetValue(PathLabel, out var path) || path.Length == 0)
        {
            matches.Problems.Add($"a target has no {PathLabel}: give it the path of its files");
            return;
        }

        var glob = GlobPattern.Parse(path);
        var exclude = pattern.TryGetValue(ExcludeLabel, out var excluded) && excluded.Length > 0
            ? GlobPattern.Parse(excluded) : null;
        var (files, walk) = GlobWalker.Find(glob);
        matches.Folders.UnionWith(walk.Folders);
        foreach (var (folder, reason) in walk.Unreadable) matches.Problems.Add($"{folder}: {reason}");
        foreach (var file in files)
        {
            if (exclude is not null && exclude.Matches(file)) continue;
            if (youngerThan > 0 && FileFacts.TryRead(file, out var facts, out _) && facts.Modified < youngerThan)
                continue;
            var target = new Dictionary<string, string>(pattern, StringComparer.Ordinal) { [PathLabel] = file };
            target.Remove(ExcludeLabel);
            matches.Targets.Add(target);
        }
    }
}

/// <summary>What the globs of one component match now.</summary>
internal sealed class FileMatches
{
    /// <summary>In the order of the patterns, then by path.</summary>
    public List<IReadOnlyDictionary<string, string>> Targets { get; } = [];

    /// <summary>Folders that a matching file may appear in.</summary>
    public HashSet<string> Folders { get; } = new(StringComparer.Ordinal);

    /// <summary>Wrong patterns and folders that may not be read.</summary>
    public List<string> Problems { get; } = [];

    public bool HasSameTargets(FileMatches other)
    {
        if (Targets.Count != other.Targets.Count) return false;
        for (var i = 0; i < Targets.Count; i++)
        {
            var (mine, others) = (Targets[i], other.Targets[i]);
            if (mine.Count != others.Count) return false;
            foreach (var (name, value) in mine)
                if (!others.TryGetValue(name, out var same) || same != value) return false;
        }

        return true;
    }
}
