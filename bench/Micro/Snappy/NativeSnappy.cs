using System.Runtime.InteropServices;

namespace Weir.Bench.Micro.Snappy;

/// <summary>Google's libsnappy, for comparison: Debian's package libsnappy1v5.</summary>
internal static unsafe class NativeSnappy
{
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        var length = (nuint)destination.Length;
        fixed (byte* input = source, output = destination)
        {
            if (Compress(input, (nuint)source.Length, output, ref length) != 0)
                throw new InvalidOperationException("libsnappy refuses to compress");
        }

        return (int)length;
    }

    public static int Decompress(ReadOnlySpan<byte> block, Span<byte> destination)
    {
        var length = (nuint)destination.Length;
        fixed (byte* input = block, output = destination)
        {
            if (Uncompress(input, (nuint)block.Length, output, ref length) != 0)
                throw new InvalidOperationException("libsnappy refuses the block");
        }

        return (int)length;
    }

    [DllImport("libsnappy.so.1", EntryPoint = "snappy_compress")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Compress(byte* input, nuint inputLength, byte* output, ref nuint outputLength);

    [DllImport("libsnappy.so.1", EntryPoint = "snappy_uncompress")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Uncompress(byte* input, nuint inputLength, byte* output, ref nuint outputLength);
}
