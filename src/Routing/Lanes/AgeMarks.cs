namespace Weir.Routing.Lanes;

/// <summary>Remembers when fragments of a lane were stored, to about a second and in bounded memory.</summary>
internal sealed class AgeMarks
{
    private const int MarksMax = 1024;

    private readonly List<(long Id, DateTimeOffset At)> _marks = [];
    private TimeSpan _spacing = TimeSpan.FromSeconds(1);

    public void Add(long id, DateTimeOffset at)
    {
        if (_marks.Count > 0 && at - _marks[^1].At < _spacing) return;
        if (_marks.Count == MarksMax) Thin();
        _marks.Add((id, at));
    }

    /// <summary>When the fragment that follows <paramref name="acknowledged"/> was stored, at the earliest.</summary>
    public DateTimeOffset? OldestAfter(long acknowledged)
    {
        var passed = 0;
        while (passed + 1 < _marks.Count && _marks[passed + 1].Id <= acknowledged + 1) passed++;
        _marks.RemoveRange(0, passed);
        return _marks.Count > 0 ? _marks[0].At : null;
    }

    public void Clear() => _marks.Clear();

    private void Thin()
    {
        for (var i = 1; i < _marks.Count; i++) _marks.RemoveAt(i); // every second one
        _spacing *= 2;
    }
}
