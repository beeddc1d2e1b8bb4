using System.Text;
using System.Text.Unicode;
using Weir.Protocol.Batches;

namespace Weir.Routing.Stages;

/// <summary>What sets one label: remembers which set became which by which value, so that a warm line costs no
/// string and no new set.</summary>
/// <remarks>
/// Safe from any thread without a lock: a place of the table holds an immutable transition or none, and whoever
/// misses
/// writes his own. Bounded by <see cref="PlacesMax"/>: values that clash replace each other.
/// </remarks>
public sealed class LabelTransitions(LabelSets sets, string name)
{
    /// <summary>Transitions remembered: enough for 200 streams with five values each; 8 KiB a label when
    /// empty.</summary>
    public const int PlacesMax = 1024;

    private readonly Transition?[] _places = new Transition?[PlacesMax];

    public string Name { get; } = name;

    /// <returns>The set with the label set to the value, without it when the value is empty; the same set when the
    /// value
    /// is no valid UTF-8 and so cannot be a label's.</returns>
    public LabelSet Apply(LabelSet from, ReadOnlySpan<byte> value)
    {
        ref var place = ref _places[ByteHash.Of(value, from.Hash) & (PlacesMax - 1)];
        var known = Volatile.Read(ref place);
        if (known is not null && ReferenceEquals(known.From, from) && value.SequenceEqual(known.Value)) return known.To;
        var to = Utf8.IsValid(value) ? sets.With(from, Name, Encoding.UTF8.GetString(value)) : from;
        Volatile.Write(ref place, new Transition(from, value.ToArray(), to));
        return to;
    }

    private sealed record Transition(LabelSet From, byte[] Value, LabelSet To);
}
