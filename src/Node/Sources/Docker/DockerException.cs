using System.Net;

namespace Weir.Node.Sources.Docker;

/// <summary>The engine did not answer, or refused; the message says what was asked and what came back.</summary>
/// <param name="status">The engine's answer; null when there was none.</param>
public sealed class DockerException(string message, HttpStatusCode? status = null, Exception? cause = null)
    : IOException(message, cause)
{
    public HttpStatusCode? Status { get; } = status;
}
