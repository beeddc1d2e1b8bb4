namespace Weir.Node.Sources.Files.Globbing;

/// <summary>A pattern that cannot be understood.</summary>
public sealed class GlobException(string pattern, string reason)
    : Exception($"the glob \"{pattern}\" is wrong: {reason}");
