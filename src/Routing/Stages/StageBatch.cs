using System.Buffers;
using System.Diagnostics;
using System.Text;
using Weir.Protocol.Batches;

namespace Weir.Routing.Stages;

/// <summary>A batch on its way through the stages: its entries, which of them live and in what order, and the values
/// extracted from them.</summary>
/// <remarks>
/// The values are a table, a row an entry and a column a name known when the configuration was loaded
/// (<see cref="SlotTable"/>); their text lies in the arena of <see cref="Lines"/>. Whatever adds to the arena may
/// move
/// it: take values (offsets) first, spans last. One per source, used by its loop only; the memory is rented for the
/// time of one batch.
/// </remarks>
public sealed partial class StageBatch(SlotTable slots)
{
    /// <summary>Comes before every entry of the batch: what was held and whose wait is over.</summary>
    public const int OrderFirst = -1;

    /// <summary>Comes after every entry of the batch.</summary>
    public const int OrderLast = int.MaxValue;

    private readonly LabelText[] _labelTexts = new LabelText[slots.Count];
    private LogBatch? _lines;
    private ExtractedValue[] _values = [];
    private LabelSet[] _origins = [];
    private int[] _orders = [];
    private int[] _live = [];
    private int[] _next = [];
    private int _liveCount;
    private int _nextCount;

    public SlotTable Slots { get; } = slots;

    /// <summary>The entries and their arena.</summary>
    public LogBatch Lines => _lines!;

    /// <summary>Nanoseconds since the epoch, the same for all entries of the batch.</summary>
    public long Now { get; private set; }

    /// <summary>No more lines come: whatever is held goes out.</summary>
    public bool Ending { get; private set; }

    /// <summary>How long the batch must wait before it goes on, for stages that limit a rate.</summary>
    public TimeSpan Delay { get; private set; }

    /// <summary>Indexes of the entries that are left, in the order in which they leave. A filter writes those it
    /// keeps to the front.</summary>
    public Span<int> Live => _live.AsSpan(0, _liveCount);

    /// <summary>Begins with every entry of the batch alive and nothing extracted but its labels.</summary>
    public void Begin(LogBatch lines, long now, bool ending)
    {
        _lines = lines;
        Now = now;
        Ending = ending;
        Delay = TimeSpan.Zero;
        Array.Clear(_labelTexts);
        var count = lines.Count;
        RentFor(Math.Max(count, 16));
        _values.AsSpan(0, count * Slots.Count).Clear();
        var entries = lines.Entries;
        for (var i = 0; i < count; i++)
        {
            _live[i] = i;
            _orders[i] = i;
            _origins[i] = entries[i].Labels;
        }

        _liveCount = count;
    }

    /// <summary>Leaves in the batch what is alive, in its order, and gives the memory back.</summary>
    public void End()
    {
        Lines.Keep(Live);
        Return();
        _lines = null;
    }

    /// <summary>Keeps the first <paramref name="count"/> of <see cref="Live"/>.</summary>
    public void Truncate(int count)
    {
        Debug.Assert(count <= _liveCount, "more than there are");
        _liveCount = count;
    }

    /// <summary>Starts a new list of live entries, for a stage that adds some: <see cref="Emit"/> each, then
    /// <see cref="FinishOutput"/>.</summary>
    /// <remarks><see cref="Live"/> stays as it was until then.</remarks>
    public void StartOutput() => _nextCount = 0;

    public void Emit(int entry)
    {
        if (_nextCount == _next.Length) Grow(ref _next, _nextCount);
        _next[_nextCount++] = entry;
    }

    public void FinishOutput()
    {
        (_live, _next) = (_next, _live);
        _liveCount = _nextCount;
    }

    /// <summary>Takes entries that were set aside back among the live ones, in the batch's order.</summary>
    /// <param name="aside">In ascending order.</param>
    public void Merge(ReadOnlySpan<int> aside)
    {
        StartOutput();
        var taken = 0;
        for (var i = 0; i < _liveCount; i++)
        {
            var order = _orders[_live[i]];
            while (taken < aside.Length && _orders[aside[taken]] < order) Emit(aside[taken++]);
            Emit(_live[i]);
        }

        while (taken < aside.Length) Emit(aside[taken++]);
        FinishOutput();
    }

    /// <summary>Where an entry stands among the others; an entry made from it takes the same.</summary>
    public int OrderOf(int entry) => _orders[entry];

    /// <summary>Adds an entry to the batch; it lives once it is emitted. Spans of entries taken before are
    /// void.</summary>
    /// <param name="origin">The labels with which it came: the extracted values that no stage has set.</param>
    /// <returns>Its index.</returns>
    public int Add(in Entry entry, LabelSet origin, int order)
    {
        var index = Lines.Count;
        EnsureRows(index + 1);
        ref var added = ref Lines.Add(entry.Timestamp, entry.Labels, entry.LineStart, entry.LineLength, entry.Resume);
        added.MetadataStart = entry.MetadataStart;
        added.MetadataLength = entry.MetadataLength;
        _values.AsSpan(index * Slots.Count, Slots.Count).Clear();
        _origins[index] = origin;
        _orders[index] = order;
        return index;
    }

    /// <summary>Adds an entry like another, with its extracted values.</summary>
    /// <returns>Its index; it is not emitted yet.</returns>
    public int Copy(int entry)
    {
        var copied = Lines[entry];
        var index = Add(copied, _origins[entry], _orders[entry]);
        _values.AsSpan(entry * Slots.Count, Slots.Count).CopyTo(_values.AsSpan(index * Slots.Count));
        CopyNamed(entry, index);
        return index;
    }

    /// <summary>The labels with which the entry came.</summary>
    public LabelSet OriginOf(int entry) => _origins[entry];

    /// <summary>At least this long must the batch wait.</summary>
    public void DelayFor(TimeSpan delay)
    {
        if (delay > Delay) Delay = delay;
    }

    /// <summary>The value of a slot. May add to the arena: take it before any span.</summary>
    public ExtractedValue Get(int entry, int slot)
    {
        ref var value = ref _values[entry * Slots.Count + slot];
        if (value.Kind == ExtractedKind.Unset) value = FromLabel(_origins[entry], slot);
        return value;
    }

    public void Set(int entry, int slot, ExtractedValue value) => _values[entry * Slots.Count + slot] = value;

    public ReadOnlySpan<byte> Text(in ExtractedValue value) => Lines.Bytes.Slice(value.Start, value.Length);

    /// <summary>The line of an entry (slot -1) or the text of a slot, as a stage's <c>source</c> names it.</summary>
    /// <returns>False when the slot is absent or has no text.</returns>
    public bool TryInput(int entry, int slot, out ExtractedValue input)
    {
        if (slot < 0)
        {
            ref readonly var at = ref Lines[entry];
            input = ExtractedValue.Text(at.LineStart, at.LineLength);
            return true;
        }

        input = Get(entry, slot);
        return input.HasText;
    }

    /// <summary>Begins a nested pipeline: the labels as they are now become extracted values, over whatever those
    /// were.</summary>
    public void TakeLabelsAsValues()
    {
        foreach (var entry in Live)
        {
            var labels = Lines[entry].Labels;
            for (var slot = 0; slot < Slots.Count; slot++)
            {
                // What the old labels gave must be taken before they are forgotten.
                var now = FromLabel(labels, slot);
                if (now.Exists) Set(entry, slot, now);
                else Get(entry, slot);
            }

            _origins[entry] = labels;
        }
    }

    /// <summary>The label of a slot's name, written to the arena once a batch and label set.</summary>
    private ExtractedValue FromLabel(LabelSet labels, int slot)
    {
        ref var known = ref _labelTexts[slot];
        if (ReferenceEquals(known.Labels, labels)) return known.Value;
        var value = ExtractedValue.Absent;
        if (labels.TryGet(Slots.NameOf(slot), out var text))
        {
            var length = Encoding.UTF8.GetByteCount(text);
            Encoding.UTF8.GetBytes(text, Lines.Reserve(length).Span);
            value = ExtractedValue.Text(Lines.Advance(length), length);
        }

        known = new LabelText(labels, value);
        return value;
    }

    private void EnsureRows(int rows)
    {
        if (rows > _orders.Length) Grow(ref _orders, rows - 1);
        if (rows > _origins.Length) Grow(ref _origins, rows - 1);
        if (rows * Slots.Count > _values.Length) Grow(ref _values, (rows - 1) * Slots.Count, Slots.Count);
    }

    private static void Grow<T>(ref T[] array, int used, int least = 1)
    {
        var grown = ArrayPool<T>.Shared.Rent(Math.Max(array.Length * 2, used + least));
        array.AsSpan(0, used).CopyTo(grown);
        ArrayPool<T>.Shared.Return(array, clearArray: !typeof(T).IsValueType);
        array = grown;
    }

    private void RentFor(int entries)
    {
        _values = ArrayPool<ExtractedValue>.Shared.Rent(entries * Slots.Count);
        _origins = ArrayPool<LabelSet>.Shared.Rent(entries);
        _orders = ArrayPool<int>.Shared.Rent(entries);
        _live = ArrayPool<int>.Shared.Rent(entries);
        _next = ArrayPool<int>.Shared.Rent(entries);
    }

    private void Return()
    {
        ArrayPool<ExtractedValue>.Shared.Return(_values);
        ArrayPool<LabelSet>.Shared.Return(_origins, clearArray: true);
        ArrayPool<int>.Shared.Return(_orders);
        ArrayPool<int>.Shared.Return(_live);
        ArrayPool<int>.Shared.Return(_next);
        _values = [];
        _origins = [];
        _orders = _live = _next = [];
        _liveCount = 0;
        ReturnNamed();
    }

    private readonly record struct LabelText(LabelSet? Labels, ExtractedValue Value);
}
