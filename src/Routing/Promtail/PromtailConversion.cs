namespace Weir.Routing.Promtail;

/// <summary>What became of a Promtail file.</summary>
/// <param name="AlloyText">The same in the configuration language, formatted.</param>
/// <param name="ListenAddress"><c>host:port</c> on which Promtail served <c>/ready</c> and <c>/metrics</c>; null when
/// the
/// file names none. The configuration language has no place for it, the command line does.</param>
public sealed record PromtailConversion(string AlloyText, string? ListenAddress);
