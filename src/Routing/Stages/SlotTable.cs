using System.Text;

namespace Weir.Routing.Stages;

/// <summary>The names that the stages of a pipeline mention: each is a slot of the table of extracted
/// values.</summary>
/// <remarks>Filled while the pipeline is compiled, read only after that. Nested pipelines share it, as they share
/// the values.</remarks>
public sealed class SlotTable
{
    private readonly List<string> _names = [];
    private readonly List<byte[]> _utf8 = [];
    private readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);

    public int Count => _names.Count;

    /// <returns>The slot of the name, new or known.</returns>
    public int Add(string name)
    {
        if (_slots.TryGetValue(name, out var known)) return known;
        _slots.Add(name, _names.Count);
        _names.Add(name);
        _utf8.Add(Encoding.UTF8.GetBytes(name));
        return _names.Count - 1;
    }

    public string NameOf(int slot) => _names[slot];

    /// <summary>The name in UTF-8.</summary>
    public ReadOnlySpan<byte> Utf8Of(int slot) => _utf8[slot];

    /// <summary>Finds the slot of a name that was only known at run time.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out int slot)
    {
        for (slot = 0; slot < _utf8.Count; slot++)
            if (name.SequenceEqual(_utf8[slot])) return true;
        slot = -1;
        return false;
    }
}
