namespace Weir.Routing.Ports;

/// <summary>What the config doctor asks of the host that a configuration is checked on. Answers change nothing on
/// it.</summary>
public interface IHostInspection
{
    /// <returns>Why the unix socket cannot be used; null when it can.</returns>
    string? SocketProblem(string path);

    /// <param name="folder">Of journal files; "" for the system's own.</param>
    /// <returns>Why the journal cannot be read; null when it can.</returns>
    string? JournalProblem(string folder);

    /// <returns>Whether an environment variable is set.</returns>
    bool HasVariable(string name);

    /// <returns>How many files the glob matches now; null when it is malformed.</returns>
    int? CountFiles(string glob);
}
