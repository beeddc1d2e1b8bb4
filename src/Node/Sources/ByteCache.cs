using System.Diagnostics.CodeAnalysis;

namespace Weir.Node.Sources;

/// <summary>What bytes lead to, worked out once. Full, it forgets everything and begins anew. One user at a
/// time.</summary>
internal sealed class ByteCache<T>
{
    private readonly int _countMax;
    private readonly int _keyBytesMax;
    private readonly Dictionary<byte[], T> _known = new(ByteKeys.Instance);
    private readonly Dictionary<byte[], T>.AlternateLookup<ReadOnlySpan<byte>> _byKey;

    /// <param name="countMax">Keys kept.</param>
    /// <param name="keyBytesMax">Longest key kept; what a longer one leads to is worked out each time.</param>
    public ByteCache(int countMax, int keyBytesMax)
    {
        (_countMax, _keyBytesMax) = (countMax, keyBytesMax);
        _byKey = _known.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public bool TryGet(ReadOnlySpan<byte> key, [MaybeNullWhen(false)] out T value) =>
        _byKey.TryGetValue(key, out value);

    /// <param name="key">Not known yet; it is copied.</param>
    /// <returns><paramref name="value"/>.</returns>
    public T Keep(ReadOnlySpan<byte> key, T value)
    {
        if (key.Length > _keyBytesMax) return value;
        if (_known.Count >= _countMax) _known.Clear();
        _known.Add(key.ToArray(), value);
        return value;
    }
}
