using Weir.Cluster.Tests.Support;
using Xunit.Abstractions;

namespace Weir.Cluster.Tests.Chaos;

/// <summary>A test with a sink and numbered lines in files, made of a seed that it tells.</summary>
public abstract class NumberedTrial : SinkTrial
{
    protected NumberedTrial(ITestOutputHelper output)
    {
        Output = output;
        Output.WriteLine($"seed {Seed}");
        Log = new NumberedLog(new Random(Seed));
    }

    protected ITestOutputHelper Output { get; }

    protected int Seed { get; } = Environment.TickCount;

    protected NumberedLog Log { get; }
}
