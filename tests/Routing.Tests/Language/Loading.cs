using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

/// <summary>Loads configurations of sample components and of modules.</summary>
internal static class Loading
{
    private static readonly ComponentCatalog Catalog = ComponentCatalog.Scan(typeof(SampleWrite).Assembly);

    private static readonly ConfigurationLoader Loader = new(Catalog, Evaluating.Library, Stability.Experimental);

    public static LoadedConfiguration Good(params string[] texts) => Good(_ => null, texts);

    public static LoadedConfiguration Good(Func<string, object?> exportsOf, params string[] texts)
    {
        var found = new DiagnosticBag();
        var loaded = Load(exportsOf, found, texts);
        Assert.Empty(found.Items);
        return loaded!;
    }

    public static IEnumerable<string> Errors(params string[] texts) => Errors(_ => null, texts);

    public static IEnumerable<string> Errors(Func<string, object?> exportsOf, params string[] texts)
    {
        var found = new DiagnosticBag();
        Assert.Null(Load(exportsOf, found, texts));
        return [.. found.Sorted().Select(item => $"{item.Place.File[0]}:{item.Place.Line} {item.Message}")];
    }

    public static LoadedConfiguration? Load(
        Func<string, object?> exportsOf, DiagnosticBag found, params string[] texts) =>
        Loader.Load([.. texts.Select((text, index) => Parser.Parse(new SourceFile($"{index}.alloy", text)))],
            found, exportsOf, out _);

    /// <summary>The components with what they refer to.</summary>
    public static IEnumerable<string> Shape(LoadedConfiguration loaded) =>
        loaded.Components.Select(block => $"{block.Id} <- {string.Join(", ", block.References)}");

    /// <summary>The options of a component, given the receiver of another one.</summary>
    public static object Evaluate(
        LoadedConfiguration loaded, string id, string exporting = "", SampleReceiver? receiver = null)
    {
        var found = new DiagnosticBag();
        var options = loaded.Components.Single(block => block.Id == id).Evaluate(
            other => other == exporting ? new SampleExports { Receiver = receiver } : null, found);
        Assert.Empty(found.Items);
        return options!;
    }
}
