using Weir.Node.Admin;
using Weir.Node.Logging;
using Weir.Node.Sqlite;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Lanes;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.PipelineTests;
using Weir.Routing.Ports;

namespace Weir.Node.Agent;

/// <summary>Runs the pipeline tests of one file against its configuration.</summary>
internal sealed class PipelineTrial(TextWriter output, TextWriter errors)
{
    private const string TestExtension = ".test.yaml";
    private const string ConfigurationExtension = ".alloy";

    private static readonly string[] PromtailExtensions = [".yaml", ".yml"];

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>The files of tests that a path means: itself, or those in a folder.</summary>
    /// <exception cref="IOException">There is none.</exception>
    public static IReadOnlyList<string> FilesOf(string path)
    {
        if (!Directory.Exists(path)) return [path];
        var files = Directory.GetFiles(path, $"*{TestExtension}").Order(StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files : throw new FileNotFoundException($"{path} has no *{TestExtension} file");
    }

    /// <returns>False when the file or its configuration has a mistake, or a test failed.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public async Task<bool> TryAsync(string path, CancellationToken cancel)
    {
        var diagnostics = new DiagnosticBag();
        var file = PipelineTestReader.Read(SourceFile.Decode(path, await File.ReadAllBytesAsync(path, cancel)),
            diagnostics);
        if (file is null)
        {
            await errors.WriteLineAsync(DiagnosticRenderer.Render(diagnostics));
            return false;
        }

        var configuration = ConfigurationOf(path, file);
        var isPromtail = PromtailExtensions.Contains(Path.GetExtension(configuration));
        var read = new ConfigurationReader(Stability.Experimental, new ConfigurationFormat(isPromtail))
            .ReadPath(configuration);
        if (read.Plans is null)
        {
            foreach (var error in read.Errors) await errors.WriteLineAsync($"{error}\n");
            return false;
        }

        var before = Failed;
        await RunAsync(file, read, cancel);
        return Failed == before;
    }

    private static string ConfigurationOf(string path, PipelineTestFile file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (file.Configuration.Length > 0) return Path.Combine(folder, file.Configuration);
        var name = Path.GetFileName(path);
        if (name.EndsWith(TestExtension, StringComparison.Ordinal)) name = name[..^TestExtension.Length];
        return Path.Combine(folder, name + ConfigurationExtension);
    }

    /// <summary>Components are made as a node makes them; they want a delivery path, which gets nothing.</summary>
    private async Task RunAsync(PipelineTestFile file, ReadConfiguration read, CancellationToken cancel)
    {
        var log = new ProcessLog(errors, TimeProvider.System) { Level = LogSeverity.Error };
        var (metrics, labels, time) = (new MetricRegistry(), new LabelSets(), TimeProvider.System);
        var folder = Directory.CreateTempSubdirectory("weir-test-");
        try
        {
            await using var spool = SqliteSpool.Open(
                new SpoolOptions { Directory = folder.FullName }, new SpoolEvents(log, metrics), time, Random.Shared);
            await using var delivery = new Delivery(
                spool, labels, new RoutingEvents(log, metrics), time, Random.Shared);
            using var factory = new ComponentFactory(
                log, new OwnLogSource(log, labels, time, metrics), new AdminAccess(new HttpBlockOptions()), delivery,
                time);
            var bench = new PipelineBench(read.Plans!, factory.Make, log);
            foreach (var test in file.Tests) await ReportAsync(test, await bench.RunAsync(test, cancel));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task ReportAsync(PipelineTest test, TestOutcome outcome)
    {
        var differences = Comparison.Differences(test, outcome);
        if (differences.Count == 0)
        {
            Passed++;
            return;
        }

        Failed++;
        await output.WriteLineAsync($"{test.Place.File}:{test.Place.Line}: failed: {test.Name}");
        foreach (var line in differences) await output.WriteLineAsync(line);
        await output.WriteLineAsync();
    }
}
