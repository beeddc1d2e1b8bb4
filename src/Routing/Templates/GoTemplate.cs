using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Weir.Routing.Patterns;

namespace Weir.Routing.Templates;

/// <summary>A template of Go's text/template with Sprig's functions. Immutable; any number of threads.</summary>
/// <remarks>
/// Bounded by <see cref="TemplateRun.StepsMax"/> and <see cref="TemplateRun.CharactersMax"/>: a hostile line cannot
/// stall it. It works on strings, so an execution allocates.
/// </remarks>
public sealed class GoTemplate
{
    private readonly TemplateNode _node;
    private readonly bool _readsAll;
    private readonly TemplatePatterns _patterns = new();
    private readonly TemplateZones _zones = new();

    private GoTemplate(string text, TemplateSyntax syntax)
    {
        Text = text;
        Fields = syntax.Fields;
        _node = syntax.Node;
        _readsAll = syntax.ReadsAll;
    }

    /// <summary>As its author wrote it.</summary>
    public string Text { get; }

    /// <summary>The names that it may read of its data, sorted.</summary>
    public IReadOnlyList<string> Fields { get; }

    /// <param name="text">Go's syntax.</param>
    /// <param name="template">Null when refused.</param>
    /// <param name="error">Why.</param>
    public static bool TryCompile(string text, [NotNullWhen(true)] out GoTemplate? template, out string error)
    {
        template = null;
        error = "";
        try
        {
            template = new GoTemplate(text, TemplateParser.Parse(text));
            return true;
        }
        catch (TemplateException refused)
        {
            error = "template: " + refused.Message;
            return false;
        }
    }

    /// <summary>Writes what the template makes of the data.</summary>
    /// <param name="data">Where the names come from; asked for all of them only where the template uses the dot
    /// itself.</param>
    /// <param name="surroundings">For time, chance and environment.</param>
    /// <param name="target">UTF-8; untouched when it fails.</param>
    /// <param name="error">A value of the wrong kind, or a limit.</param>
    public bool TryExecute(
        ITemplateData data, TemplateSurroundings surroundings, IBufferWriter<byte> target, out string error)
    {
        error = "";
        try
        {
            var run = new TemplateRun(_readsAll ? data.All() : data, surroundings, _patterns, _zones);
            _node.Write(run);
            Encoding.UTF8.GetBytes(run.Written, target);
            return true;
        }
        catch (TemplateException fault)
        {
            error = "template: " + fault.Message;
            return false;
        }
    }
}

/// <summary>The patterns that a template's functions were called with.</summary>
internal sealed class TemplatePatterns
{
    /// <summary>Patterns kept; they are constants as a rule. More are compiled each time.</summary>
    public const int CountMax = 64;

    private readonly ConcurrentDictionary<string, GoRegex> _known = new(StringComparer.Ordinal);

    /// <exception cref="TemplateException">Not a pattern.</exception>
    public GoRegex Get(string pattern)
    {
        if (_known.TryGetValue(pattern, out var known)) return known;
        if (!GoRegex.TryCompile(pattern, out var regex, out var error)) throw new TemplateException(error);
        if (_known.Count < CountMax) _known.TryAdd(pattern, regex);
        return regex;
    }
}
