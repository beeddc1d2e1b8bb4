using Weir.Routing.Language;

namespace Weir.Routing.Doctor;

/// <summary>Gets what checks find. Findings about text that the operator did not write are left out.</summary>
internal sealed class Findings(IReadOnlySet<SourceFile> written, DiagnosticBag diagnostics)
{
    private readonly HashSet<(SourcePlace, string)> _told = [];

    /// <param name="code">Names the kind of mistake; stays the same over versions.</param>
    /// <param name="place">The characters at fault.</param>
    /// <param name="cause">What is wrong.</param>
    /// <param name="remedy">What to do about it.</param>
    public void Add(string code, SourcePlace place, string cause, string remedy)
    {
        // What stands in a declaration is found as often as it is used.
        if (written.Contains(place.Source) && _told.Add((place, cause)))
            diagnostics.Warning(place, cause, remedy, code);
    }
}
