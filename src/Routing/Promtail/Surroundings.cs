using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>What the rest of the file says about all its scrape configurations.</summary>
/// <param name="File">The configuration that is being written.</param>
/// <param name="Diagnostics">Gets the mistakes.</param>
/// <param name="ForwardTo">Where entries go when a job has done with them: a list of receivers.</param>
/// <param name="PositionsFile">Promtail's own positions, taken over once.</param>
/// <param name="SyncPeriod">How often files are looked for; null for the default.</param>
/// <param name="FileWatch">The block <c>file_watch</c>; empty for the defaults.</param>
internal sealed record Surroundings(AlloyFile File, DiagnosticBag Diagnostics, string ForwardTo, string PositionsFile,
    string? SyncPeriod, AlloyBlock FileWatch);
