using System.Buffers;

namespace Weir.Routing.Lanes;

/// <summary>The compressed bytes of a fragment in rented memory, shared by the lanes that owe it.</summary>
/// <remarks>Each holder releases once; the last release gives the memory back, and no span of it may be used
/// after.</remarks>
internal sealed class FragmentBody
{
    private readonly int _length;
    private byte[] _array;
    private int _holders = 1;

    private FragmentBody(byte[] array, int length)
    {
        _array = array;
        _length = length;
    }

    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, _length);

    public static FragmentBody Copy(ReadOnlySpan<byte> block)
    {
        var array = ArrayPool<byte>.Shared.Rent(block.Length);
        block.CopyTo(array);
        return new FragmentBody(array, block.Length);
    }

    public void Retain() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) != 0) return;
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
    }
}
