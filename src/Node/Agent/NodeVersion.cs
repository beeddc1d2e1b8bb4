namespace Weir.Node.Agent;

/// <summary>The version that this binary was built as.</summary>
internal static class NodeVersion
{
    public static string Text { get; } = typeof(NodeVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
