using BenchmarkDotNet.Running;
using Weir.Bench.Micro;

// One folder a subject, one class a question; --filter '*Snappy*' picks, --list flat names them.
BenchmarkSwitcher.FromAssembly(typeof(ThreadTimeConfig).Assembly).Run(args, new ThreadTimeConfig());
