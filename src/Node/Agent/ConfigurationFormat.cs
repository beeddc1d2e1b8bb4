namespace Weir.Node.Agent;

/// <summary>The language of a configuration file.</summary>
/// <param name="IsPromtail">Promtail's YAML, converted when it is read; else the configuration language itself.</param>
/// <param name="ExpandEnvironment">Of Promtail's file: variables in the place of <c>${NAME}</c>.</param>
/// <param name="BypassErrors">Of Promtail's file: run without what has no equivalent.</param>
/// <param name="SkipsUnsupported">Run without components that Alloy has and Weir has not.</param>
internal sealed record ConfigurationFormat(
    bool IsPromtail = false, bool ExpandEnvironment = false, bool BypassErrors = false, bool SkipsUnsupported = false);
