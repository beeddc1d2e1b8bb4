using Weir.Routing.Language;
using Weir.Routing.Promtail;

namespace Weir.Routing.Tests.Promtail;

/// <summary>Converts small files, and checks of every result that it parses and is formatted.</summary>
internal static class Converting
{
    private const string Client = "clients: [{url: http://loki/loki/api/v1/push}]\n";
    private const string Writer =
        "\nloki.write \"default\" {\n\tendpoint {\n\t\turl = \"http://loki/loki/api/v1/push\"\n\t}\n}\n";

    private static readonly ConfigurationLoader Loader = new(
        ComponentCatalog.Scan(typeof(PromtailConverter).Assembly),
        StandardLibrary.For(new HostFacts
        {
            Environment = _ => null, Hostname = "host", Os = "linux", Arch = "amd64", Version = "0",
        }),
        Stability.Experimental);

    /// <summary>A whole file; what it is not exactly is said to be.</summary>
    public static (PromtailConversion? Result, DiagnosticBag Found) File(
        string yaml, Func<string, string?>? environment = null)
    {
        var found = new DiagnosticBag();
        var result = PromtailConverter.Convert(new SourceFile("p.yaml", yaml), environment ?? (_ => null),
            expands: environment is not null, found);
        if (result is not null) CheckText(result.AlloyText);
        if (result is not null && !found.HasErrors) CheckMeaning(result.AlloyText);
        return (result, found);
    }

    // The components of the pipeline are all here; those of the process are not, and are called unsupported.
    private static void CheckMeaning(string text)
    {
        var found = new DiagnosticBag();
        Loader.Load([new SourceFile("c.alloy", text)], found);
        var wrong = found.Items.Where(item => item.Severity == DiagnosticSeverity.Error
            && !item.Message.EndsWith("not supported by Weir yet", StringComparison.Ordinal));
        Assert.True(!wrong.Any(), $"{string.Join('\n', wrong)}\n{text}");
    }

    /// <summary>The components of one scrape config, without header and client.</summary>
    public static string Job(string yaml)
    {
        var (result, found) = File($"{Client}scrape_configs:\n- job_name: j\n{Indent(yaml, 2)}");
        Assert.Empty(found.Items);
        var text = Body(result);
        Assert.EndsWith(Writer, text, StringComparison.Ordinal);
        Assert.StartsWith("// From scrape config \"j\".\n", text, StringComparison.Ordinal);
        return text["// From scrape config \"j\".\n".Length..^Writer.Length];
    }

    /// <summary>The blocks of stages, without their <c>loki.process</c>.</summary>
    public static string Stages(string yaml)
    {
        var text = Job("journal: {}\npipeline_stages:\n" + yaml);
        const string Head = "\tforward_to = [loki.write.default.receiver]\n";
        var start = text.IndexOf(Head, StringComparison.Ordinal) + Head.Length;
        var lines = text[start..text.IndexOf("\n}\n", start, StringComparison.Ordinal)].Trim('\n').Split('\n');
        return string.Join('\n', lines.Select(line => line.StartsWith('\t') ? line[1..] : line));
    }

    /// <summary>What a job's mistakes are called, with their places.</summary>
    public static string[] Complaints(string yaml) =>
        Problems($"{Client}scrape_configs:\n- job_name: j\n  journal: {{}}\n{Indent(yaml, 2)}");

    /// <summary>What a file's mistakes are called, with their places.</summary>
    public static string[] Problems(string yaml, Func<string, string?>? environment = null)
    {
        var (_, found) = File(yaml, environment);
        foreach (var item in found.Items) Assert.NotEmpty(DiagnosticRenderer.Render(item));
        return [.. found.Sorted().Select(item => item.ToString().Replace("p.yaml:", "", StringComparison.Ordinal))];
    }

    /// <summary>A result without its header.</summary>
    public static string Body(PromtailConversion? result)
    {
        var text = result!.AlloyText;
        return text[(text.IndexOf("\n\n", StringComparison.Ordinal) + 2)..];
    }

    private static void CheckText(string text)
    {
        var found = new DiagnosticBag();
        var formatted = Formatter.Format(new SourceFile("c.alloy", text), found);
        Assert.True(found.Items.Count == 0, $"{string.Join('\n', found.Items)}\n{text}");
        Assert.Equal(text, formatted);
    }

    private static string Indent(string yaml, int by) =>
        string.Join('\n', yaml.Split('\n').Select(line => new string(' ', by) + line)) + "\n";
}
