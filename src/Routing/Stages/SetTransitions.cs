using Weir.Protocol.Batches;

namespace Weir.Routing.Stages;

/// <summary>A change of labels that depends on the labels alone; remembers which set becomes which.</summary>
/// <remarks>Safe from any thread, bounded by <see cref="PlacesMax"/>, like <see cref="LabelTransitions"/>.</remarks>
internal sealed class SetTransitions(Func<LabelSet, LabelSet> change)
{
    public const int PlacesMax = 1024;

    private readonly Transition?[] _places = new Transition?[PlacesMax];

    public LabelSet Apply(LabelSet from)
    {
        ref var place = ref _places[(int)from.Hash & (PlacesMax - 1)];
        var known = Volatile.Read(ref place);
        if (known is not null && ReferenceEquals(known.From, from)) return known.To;
        var to = change(from);
        Volatile.Write(ref place, new Transition(from, to));
        return to;
    }

    private sealed record Transition(LabelSet From, LabelSet To);
}
