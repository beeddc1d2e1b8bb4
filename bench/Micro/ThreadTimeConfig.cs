using System.Runtime.InteropServices;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Perfolizer.Horology;

namespace Weir.Bench.Micro;

/// <summary>Measures CPU time of the benchmark's own thread: a busy machine does not blur the figures.</summary>
/// <remarks>In process: the code runs as the solution built it, and nothing is generated or restored.</remarks>
internal sealed class ThreadTimeConfig : ManualConfig
{
    public ThreadTimeConfig()
    {
        AddJob(Job.Default
            .WithToolchain(InProcessNoEmitToolchain.DontLogOutput)
            .WithClock(new ThreadClock())
            .WithWarmupCount(3)
            .WithIterationCount(8)
            .WithIterationTime(TimeInterval.FromMilliseconds(250)));
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(new ThroughputColumn());
        AddDiagnoser(MemoryDiagnoser.Default);
        AddExporter(MarkdownExporter.GitHub);
        AddLogger(ConsoleLogger.Default);
    }

    /// <summary>The kernel's count of the calling thread's CPU nanoseconds.</summary>
    private sealed class ThreadClock : IClock
    {
        private const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux
        private const long NanosecondsPerSecond = 1_000_000_000;

        public string Title => "thread CPU time";

        public bool IsAvailable => OperatingSystem.IsLinux();

        public Frequency Frequency => new(NanosecondsPerSecond);

        public long GetTimestamp()
        {
            if (GetTime(ThreadCpuTime, out var time) != 0) throw new PlatformNotSupportedException("no thread clock");
            return time.Seconds * NanosecondsPerSecond + time.Nanoseconds;
        }

        [DllImport("libc", EntryPoint = "clock_gettime")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int GetTime(int clock, out TimeSpec time);

        [StructLayout(LayoutKind.Sequential)]
        private struct TimeSpec
        {
            public long Seconds;
            public long Nanoseconds;
        }
    }
}
