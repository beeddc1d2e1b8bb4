namespace Weir.Node.Http;

/// <summary>Words for a failed request: what the exceptions say, innermost last. URLs with credentials are in
/// none.</summary>
internal static class FailureText
{
    public static string Of(Exception fault)
    {
        var text = fault.Message;
        for (var inner = fault.InnerException; inner is not null; inner = inner.InnerException)
            if (!text.Contains(inner.Message, StringComparison.Ordinal)) text += ": " + inner.Message;
        return text;
    }
}
