using System.Diagnostics;
using System.Globalization;
using System.Text;
using Weir.Bench.Throughput;

// throughput WEIR [--lines N] [--bytes N] [--case NAME | --cluster]
// Ships a file through a Weir process into a sink that counts, and prints what that cost; or through an agent, a
// broker and a writer.
const int Seed = 20260101;
const int WarmUpLines = 20_000;
var weir = args.FirstOrDefault() ?? throw new ArgumentException("the first argument is the weir binary");
var lines = long.Parse(Option("--lines", "1000000"), CultureInfo.InvariantCulture);
var bytes = int.Parse(Option("--bytes", "227"), CultureInfo.InvariantCulture);
var only = Option("--case", "");
string[] processes = ["agent", "broker", "writer"];
if (args.Contains("--cluster")) await MeasureClusterAsync();
else await MeasureAllAsync();
return 0;

string Option(string name, string otherwise)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 ? args[at + 1] : otherwise;
}

async Task MeasureAllAsync()
{
    Console.WriteLine("| case | lines/s | CPU s per million lines | peak RSS | wire | requests |");
    Console.WriteLine("|---|---|---|---|---|---|");
    foreach (var @case in Case.All.Where(@case => only.Length == 0 || @case.Name == only))
        await InFolderAsync(folder => MeasureAsync(@case, folder));
}

async Task InFolderAsync(Func<string, Task> measure)
{
    var folder = Directory.CreateTempSubdirectory("weir-throughput-").FullName;
    try
    {
        await measure(folder);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

async Task MeasureAsync(Case @case, string folder)
{
    var file = Path.Combine(folder, "bench.log");
    WriteLines(@case, file);
    await using var sink = new Sink(lines);
    var configuration = @case.Configuration(file, await sink.StartAsync());
    var started = Stopwatch.GetTimestamp();
    using var run = new WeirRun(weir, folder, "weir", configuration);
    await Task.WhenAny(sink.Arrived, run.Exited);
    var elapsed = Stopwatch.GetElapsedTime(started);
    var cost = run.Cost;
    await run.StopAsync();
    Check(sink, lines);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {@case.Name} | {lines / elapsed.TotalSeconds:F0} | {PerMillion(cost):F2} | {cost.PeakMebibytes} MB "
        + $"| {sink.Bytes / 1e6:F1} MB | {sink.Requests} |"));
}

// What the hop over a broker costs: the same file, an agent without endpoints, a writer that has them. The start of
// the processes, up to the first lines at the sink, is counted apart: a cluster is not started for a million lines.
Task MeasureClusterAsync() => InFolderAsync(async folder =>
{
    var @case = Case.All.First(@case => @case.Name == "raw");
    var (file, all) = (Path.Combine(folder, "bench.log"), Path.Combine(folder, "all"));
    WriteLines(@case, all);
    await File.WriteAllLinesAsync(file, File.ReadLines(all).Take(WarmUpLines));
    await using var sink = new Sink(lines + WarmUpLines);
    await using var broker = new Broker(folder);
    var cluster = $"cluster {{\n\tbroker = \"{broker.Url}\"\n\troles  = [\"ROLE\"]\n}}\n\n";
    using var writer = new WeirRun(weir, folder, "writer",
        cluster.Replace("ROLE", "writer", StringComparison.Ordinal) + Case.Destination(await sink.StartAsync()));
    using var agent = new WeirRun(weir, folder, "agent",
        cluster.Replace("ROLE", "agent", StringComparison.Ordinal) + @case.Source(file) + Case.Destination(null));
    while (sink.Entries < WarmUpLines) await Task.Delay(TimeSpan.FromMilliseconds(20));
    ProcessCost[] before = [agent.Cost, broker.Cost, writer.Cost];
    var started = Stopwatch.GetTimestamp();
    await using (var end = new FileStream(file, FileMode.Append))
    await using (var rest = File.OpenRead(all)) await rest.CopyToAsync(end);
    await Task.WhenAny(sink.Arrived, writer.Exited, agent.Exited);
    var elapsed = Stopwatch.GetElapsedTime(started);
    ProcessCost[] after = [agent.Cost, broker.Cost, writer.Cost];
    await agent.StopAsync();
    await writer.StopAsync();
    Check(sink, lines + WarmUpLines);
    Console.WriteLine("| process | CPU s per million lines | CPU s of the start | peak RSS |");
    Console.WriteLine("|---|---|---|---|");
    for (var i = 0; i < after.Length; i++)
    {
        var cost = after[i] with { CpuSeconds = after[i].CpuSeconds - before[i].CpuSeconds };
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {processes[i]} | {PerMillion(cost):F2} | {before[i].CpuSeconds:F2} | {cost.PeakMebibytes} MB |"));
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{lines / elapsed.TotalSeconds:F0} lines/s; {sink.Bytes / 1e6:F1} MB in {sink.Requests} requests"));
});

double PerMillion(ProcessCost cost) => cost.CpuSeconds * 1e6 / lines;

static void Check(Sink sink, long expected)
{
    if (sink.Entries != expected) throw new InvalidDataException($"{sink.Entries} of {expected} lines arrived");
}

void WriteLines(Case @case, string file)
{
    var source = new LogLines(bytes, Seed);
    using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false), 1 << 20);
    for (var number = 0L; number < lines; number++) writer.Write(@case.Line(source, number) + "\n");
}
