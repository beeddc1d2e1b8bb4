namespace Weir.Node.Sqlite;

/// <summary>A fragment's id is its place: the segment's number in the high 32 bits, the record's offset in the low
/// 32.</summary>
/// <remarks>So ids grow in the order of commits, and the index need not hold the place.</remarks>
internal static class FragmentId
{
    public static long Of(long segment, long offset) => segment << 32 | checked((uint)offset);

    public static long SegmentOf(long id) => id >> 32;

    public static long OffsetOf(long id) => (uint)id;
}
