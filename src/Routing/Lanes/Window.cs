namespace Weir.Routing.Lanes;

/// <summary>Bounds the fragment bodies that all lanes together keep in memory for their writers.</summary>
internal sealed class Window
{
    /// <summary>8 MiB: at 50 MB/s of compressed bodies a sixth of a second, longer than a group commit.</summary>
    public const long BytesMax = 8 * 1024 * 1024;

    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= BytesMax) return true;
        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _bytes, -bytes);
}
