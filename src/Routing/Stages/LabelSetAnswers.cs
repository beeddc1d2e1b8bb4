using Weir.Protocol.Batches;

namespace Weir.Routing.Stages;

/// <summary>What depends on an entry's labels alone: asked once a set, and remembered.</summary>
/// <remarks>Safe from any thread, bounded by <see cref="PlacesMax"/>, like <see cref="LabelTransitions"/>.</remarks>
internal sealed class LabelSetAnswers<T>(Func<LabelSet, T> ask)
{
    /// <summary>Label sets whose answer is remembered.</summary>
    public const int PlacesMax = 1024;

    private readonly Place?[] _places = new Place?[PlacesMax];

    public T Of(LabelSet labels)
    {
        ref var place = ref _places[(int)labels.Hash & (PlacesMax - 1)];
        var known = Volatile.Read(ref place);
        if (known is not null && ReferenceEquals(known.Labels, labels)) return known.Answer;
        var answer = ask(labels);
        Volatile.Write(ref place, new Place(labels, answer));
        return answer;
    }

    private sealed record Place(LabelSet Labels, T Answer);
}
