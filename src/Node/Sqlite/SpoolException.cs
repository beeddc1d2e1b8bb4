namespace Weir.Node.Sqlite;

/// <summary>The spool cannot be opened: another process has it, or it was made by a newer version.</summary>
public sealed class SpoolException(string message) : IOException(message);
