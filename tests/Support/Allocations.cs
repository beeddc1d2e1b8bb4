namespace Weir.Support;

/// <summary>Asserts that a warm hot path allocates nothing on this thread.</summary>
public static class Allocations
{
    public static void AssertNone(Action body)
    {
        for (var i = 0; i < 3; i++) body();

        var before = GC.GetAllocatedBytesForCurrentThread();
        body();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        if (allocated != 0) throw new InvalidOperationException($"Allocates {allocated} bytes");
    }
}
