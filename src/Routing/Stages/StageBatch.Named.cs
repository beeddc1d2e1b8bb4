using System.Buffers;
using System.Text;

namespace Weir.Routing.Stages;

/// <summary>Values under names that only the lines bring (the <c>regex</c> of json and logfmt): a list an entry,
/// beside the table.</summary>
public sealed partial class StageBatch
{
    /// <summary>Run-time names kept an entry; further ones are ignored, so a hostile line costs no more than a long
    /// one.</summary>
    public const int NamesMax = 512;

    /// <summary>Longest run-time name that is looked up.</summary>
    public const int NameBytesMax = 1024;

    private NamedValue[] _named = [];
    private int[] _namedHeads = [];
    private int _namedCount;

    /// <summary>Sets a value under a name of the arena: its slot, if a stage mentions the name, else the entry's
    /// list.</summary>
    public void SetNamed(int entry, int nameStart, int nameLength, ExtractedValue value)
    {
        var name = Lines.Bytes.Slice(nameStart, nameLength);
        if (Slots.TryFind(name, out var slot))
        {
            Set(entry, slot, value);
            return;
        }

        EnsureNamed(entry);
        var count = 0;
        for (var at = _namedHeads[entry]; at > 0; at = _named[at - 1].Next)
        {
            ref var known = ref _named[at - 1];
            if (Lines.Bytes.Slice(known.NameStart, known.NameLength).SequenceEqual(name))
            {
                known = known with { Value = value };
                return;
            }

            if (++count == NamesMax) return;
        }

        if (_namedCount == _named.Length) Grow(ref _named, _namedCount);
        _named[_namedCount++] = new NamedValue(nameStart, nameLength, value, _namedHeads[entry]);
        _namedHeads[entry] = _namedCount;
    }

    /// <summary>The entry's values under run-time names, newest first: begin with 0 and go on until false.</summary>
    public bool NextNamed(int entry, ref int cursor, out NamedValue named)
    {
        named = default;
        if (entry >= _namedHeads.Length) return false;
        var at = cursor == 0 ? _namedHeads[entry] : cursor;
        if (at <= 0) return false;
        named = _named[at - 1];
        cursor = named.Next == 0 ? -1 : named.Next;
        return true;
    }

    /// <summary>The value under a name that no slot may have: the entry's list, then the labels with which it
    /// came.</summary>
    public ExtractedValue GetNamed(int entry, string name)
    {
        Span<byte> utf8 = stackalloc byte[NameBytesMax];
        if (!Encoding.UTF8.TryGetBytes(name, utf8, out var length)) return ExtractedValue.Absent;
        if (TryFind(entry, utf8[..length], out var value)) return value;
        if (!OriginOf(entry).TryGet(name, out var text)) return ExtractedValue.Absent;
        var bytes = Encoding.UTF8.GetBytes(text);
        return ExtractedValue.Text(Lines.Append(bytes), bytes.Length);
    }

    /// <summary>Whether there is a value under a name of any origin.</summary>
    /// <param name="name">Letters, digits and underscores; not in the arena.</param>
    public bool Has(int entry, ReadOnlySpan<byte> name)
    {
        if (TryFind(entry, name, out var value)) return value.Exists;
        foreach (var label in OriginOf(entry).Labels)
            if (Ascii.Equals(name, label.Name)) return true;
        return false;
    }

    /// <summary>Looks in the table and the entry's list.</summary>
    private bool TryFind(int entry, ReadOnlySpan<byte> name, out ExtractedValue value)
    {
        if (Slots.TryFind(name, out var slot))
        {
            value = Get(entry, slot);
            return true;
        }

        var cursor = 0;
        while (NextNamed(entry, ref cursor, out var named))
        {
            if (!Lines.Bytes.Slice(named.NameStart, named.NameLength).SequenceEqual(name)) continue;
            value = named.Value;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Gives a new entry the list of another.</summary>
    private void CopyNamed(int from, int to)
    {
        var cursor = 0;
        while (NextNamed(from, ref cursor, out var named)) SetNamed(to, named.NameStart, named.NameLength, named.Value);
    }

    private void EnsureNamed(int entry)
    {
        if (entry < _namedHeads.Length) return;
        var heads = ArrayPool<int>.Shared.Rent(Math.Max(entry + 1, _orders.Length));
        heads.AsSpan().Clear();
        _namedHeads.CopyTo(heads, 0);
        if (_namedHeads.Length > 0) ArrayPool<int>.Shared.Return(_namedHeads);
        _namedHeads = heads;
    }

    private void ReturnNamed()
    {
        if (_namedHeads.Length == 0) return;
        ArrayPool<int>.Shared.Return(_namedHeads);
        if (_named.Length > 0) ArrayPool<NamedValue>.Shared.Return(_named);
        _namedHeads = [];
        _named = [];
        _namedCount = 0;
    }
}

/// <summary>A value under a run-time name; both lie in the arena.</summary>
/// <param name="Next">The next one of the same entry, 1-based; 0 at the end.</param>
public readonly record struct NamedValue(int NameStart, int NameLength, ExtractedValue Value, int Next);
