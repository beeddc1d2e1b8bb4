using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Weir.Routing.Patterns;

namespace Weir.Routing.Json;

/// <summary>A JMESPath expression. Immutable; any number of threads.</summary>
/// <remarks>
/// Expressions that only name keys need no evaluation: see <see cref="KeyPath"/>. Others read the whole document, at
/// the cost of its parsed form.
/// </remarks>
public sealed class JmesPath
{
    /// <summary>Containers within each other; deeper documents count as malformed.</summary>
    public const int DocumentDepthMax = 1024;

    private readonly JmesNode _node;

    private JmesPath(string expression, JmesNode node)
    {
        Expression = expression;
        _node = node;
        var keys = new List<string>();
        if (TryKeys(node, keys)) KeyPath = keys;
    }

    /// <summary>As its author wrote it.</summary>
    public string Expression { get; }

    /// <summary>The keys, where the expression is nothing but keys with dots between; else null.</summary>
    public IReadOnlyList<string>? KeyPath { get; }

    /// <param name="expression">JMESPath.</param>
    /// <param name="path">Null when refused.</param>
    /// <param name="error">Why, and at what offset.</param>
    public static bool TryCompile(string expression, [NotNullWhen(true)] out JmesPath? path, out string error)
    {
        path = null;
        error = "";
        try
        {
            path = new JmesPath(expression, JmesParser.Parse(expression));
            return true;
        }
        catch (JmesException refused)
        {
            error = $"JMESPath \"{expression}\": {refused.Message}";
            return false;
        }
    }

    /// <summary>Evaluates the expression over a document.</summary>
    /// <param name="json">A JSON text; bytes that are no UTF-8 read as U+FFFD.</param>
    /// <param name="target">Text as it is, a number as Go prints it, else JSON; nothing for null.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="error">Malformed JSON, a value of the wrong kind, or a limit.</param>
    public bool TryEvaluate(ReadOnlySpan<byte> json, IBufferWriter<byte> target, out JmesKind kind, out string error)
    {
        kind = JmesKind.Null;
        error = "";
        if (!Utf8.IsValid(json))
        {
            var repair = new Utf8Repair();
            repair.Take(json);
            json = repair.Clean.Span;
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DocumentDepthMax });
            using var document = JsonDocument.ParseValue(ref reader);
            if (json[(int)reader.BytesConsumed..].ContainsAnyExcept(" \t\r\n"u8))
                throw new JmesException("more than one JSON value");
            var result = _node.Evaluate(new JmesValue(document.RootElement), new JmesBudget());
            Write(result, target);
            kind = result.Kind;
            return true;
        }
        catch (JmesException fault)
        {
            error = $"JMESPath \"{Expression}\": {fault.Message}";
        }
        catch (JsonException)
        {
            error = "malformed JSON";
        }
        catch (InvalidOperationException) // half a surrogate pair in a string
        {
            error = "malformed JSON";
        }

        return false;
    }

    private static void Write(JmesValue result, IBufferWriter<byte> target)
    {
        if (result.IsNull) return;
        if (result.Kind == JmesKind.Expression) throw new JmesException("gives an expression, not a value");
        new JmesBudget().Measure(result);
        result.WriteText(target);
    }

    private static bool TryKeys(JmesNode node, List<string> keys)
    {
        if (node is JmesNode.Field field)
        {
            keys.Add(field.Name);
            return true;
        }

        return node is JmesNode.Chain { PassesNull: false } chain
            && TryKeys(chain.Left, keys) && TryKeys(chain.Right, keys);
    }
}
