using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Weir.Bench.Throughput;

/// <summary>One Weir process under measurement.</summary>
internal sealed class WeirRun : IDisposable
{
    private readonly Process _process;

    /// <param name="folder">Its configuration is written here, and its data kept.</param>
    public WeirRun(string weir, string folder, string name, string configuration)
    {
        var file = Path.Combine(folder, $"{name}.alloy");
        File.WriteAllText(file, configuration);
        _process = Process.Start(new ProcessStartInfo(weir,
            ["run", file, "--storage.path", Path.Combine(folder, name), "--server.http.listen-addr", "127.0.0.1:0"]))!;
    }

    public Task Exited => _process.WaitForExitAsync();

    public ProcessCost Cost => ProcessCost.Of(_process.Id);

    public async Task StopAsync()
    {
        _ = Kill(_process.Id, 15);
        await _process.WaitForExitAsync();
    }

    public void Dispose() => _process.Dispose();

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}

/// <param name="CpuSeconds">Of user and system, all threads.</param>
/// <param name="PeakMebibytes">Resident at the most.</param>
internal readonly record struct ProcessCost(double CpuSeconds, long PeakMebibytes)
{
    // utime and stime are the 14th and 15th field, in ticks of 10 ms; VmHWM is the peak resident set in KiB.
    public static ProcessCost Of(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var peak = File.ReadLines($"/proc/{process}/status")
            .First(line => line.StartsWith("VmHWM", StringComparison.Ordinal));
        return new ProcessCost(
            (Number(fields[11]) + Number(fields[12])) / 100.0,
            Number(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
