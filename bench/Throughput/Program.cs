using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Weir.Bench.Throughput;

// throughput WEIR [--lines N] [--bytes N] [--case NAME]...
// Ships a file through a Weir process into a sink that counts, and prints what that cost.
const int Seed = 20260101;
var weir = args.FirstOrDefault() ?? throw new ArgumentException("the first argument is the weir binary");
var lines = long.Parse(Option("--lines", "1000000"), CultureInfo.InvariantCulture);
var bytes = int.Parse(Option("--bytes", "227"), CultureInfo.InvariantCulture);
var only = Option("--case", "");
Console.WriteLine("| case | lines/s | CPU s per million lines | peak RSS | wire | requests |");
Console.WriteLine("|---|---|---|---|---|---|");
foreach (var @case in Case.All.Where(@case => only.Length == 0 || @case.Name == only)) await MeasureAsync(@case);
return 0;

string Option(string name, string otherwise)
{
    var at = Array.IndexOf(args, name);
    return at >= 0 ? args[at + 1] : otherwise;
}

async Task MeasureAsync(Case @case)
{
    var folder = Directory.CreateTempSubdirectory("weir-throughput-").FullName;
    try
    {
        var file = Path.Combine(folder, "bench.log");
        WriteLines(@case, file);
        await using var sink = new Sink(lines);
        var configuration = Path.Combine(folder, "config.alloy");
        await File.WriteAllTextAsync(configuration, @case.Configuration(file, await sink.StartAsync()));
        var started = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(weir,
            ["run", configuration, "--storage.path", Path.Combine(folder, "data"),
            "--server.http.listen-addr", "127.0.0.1:0"]))!;
        await Task.WhenAny(sink.Arrived, process.WaitForExitAsync());
        var elapsed = Stopwatch.GetElapsedTime(started);
        var (cpu, peak) = CostOf(process);
        _ = Kill(process.Id, 15);
        await process.WaitForExitAsync();
        if (sink.Entries != lines) throw new InvalidDataException($"{sink.Entries} of {lines} lines arrived");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {@case.Name} | {lines / elapsed.TotalSeconds:F0} | {cpu * 1e6 / lines:F2} | {peak / 1024} MB "
            + $"| {sink.Bytes / 1e6:F1} MB | {sink.Requests} |"));
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

void WriteLines(Case @case, string file)
{
    var source = new LogLines(bytes, Seed);
    using var writer = new StreamWriter(file, append: false, new UTF8Encoding(false), 1 << 20);
    for (var number = 0L; number < lines; number++) writer.Write(@case.Line(source, number) + "\n");
}

// utime and stime are the 14th and 15th field, in ticks of 10 ms; VmHWM is the peak resident set in KiB.
static (double CpuSeconds, long PeakKibibytes) CostOf(Process process)
{
    var stat = File.ReadAllText($"/proc/{process.Id}/stat");
    var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
    var peak = File.ReadLines($"/proc/{process.Id}/status")
        .First(line => line.StartsWith("VmHWM", StringComparison.Ordinal));
    return ((Number(fields[11]) + Number(fields[12])) / 100.0,
        Number(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
}

static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

[DllImport("libc", EntryPoint = "kill")]
static extern int Kill(int process, int signal);
