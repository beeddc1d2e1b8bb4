using System.Buffers;
using System.Text;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Patterns;
using Weir.Routing.Templates;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.replace</c>: the groups of every match become what a template makes of them.</summary>
[BlockName("stage.replace")]
public sealed record ReplaceOptions : IStageOptions, IValidated
{
    /// <summary>RE2 syntax. Only what stands in groups is replaced.</summary>
    [Argument("expression", Required = true)]
    public string Expression { get; init; } = "";

    /// <summary>The extracted value to read and set; "" for the line.</summary>
    [Argument("source")]
    public string Source { get; init; } = "";

    /// <summary>Go's text/template; <c>.Value</c> is a group's text. "" removes it.</summary>
    [Argument("replace")]
    public string Replace { get; init; } = "";

    public void Validate(OptionProblems problems)
    {
        if (Expression.Length == 0) problems.Add("expression", "is empty", "give a pattern with a group, (…)");
        StagePatterns.Check("expression", Expression, problems);
        StageTemplates.Check("replace", Replace, problems);
    }

    public Stage Compile(StageCompiler compiler)
    {
        var regex = GoRegex.Compile(Expression);
        var template = StageTemplates.Compile("stage.replace", Replace);
        var isPlain = !Replace.Contains("{{", StringComparison.Ordinal);
        return new ReplaceStage(new ReplacePlan(
            Source.Length == 0 ? -1 : compiler.Slots.Add(Source),
            regex,
            isPlain ? Encoding.UTF8.GetBytes(Replace) : null,
            template,
            new TemplateNames(template, compiler.Slots),
            [.. regex.GroupNames.Select((name, group) => (name, group)).Where(pair => pair.name.Length > 0)
                .Select(pair => (pair.group, compiler.Slots.Add(pair.name)))],
            compiler.Surroundings,
            compiler.Failed("replace", "no_match"),
            compiler.Failed("replace", "execution")));
    }
}

/// <param name="Source">Slot to read and set, -1 for the line.</param>
/// <param name="Plain">The replacement, where the template is nothing but text.</param>
/// <param name="Named">Group and slot of each named group.</param>
internal sealed record ReplacePlan(
    int Source, GoRegex Regex, byte[]? Plain, GoTemplate Template, TemplateNames Names, (int Group, int Slot)[] Named,
    Func<long, TemplateSurroundings> Surroundings, Metric Unmatched, Metric Failed);

/// <summary>
/// A group inside a group is not replaced, nor is one that took no part. A named group is extracted as what replaced it
/// in the first match. Where the template fails for any group, the entry stays as it is.
/// </summary>
internal sealed class ReplaceStage(ReplacePlan plan) : Stage
{
    public override void Apply(StageBatch batch)
    {
        var work = new Work(batch, plan);
        var (unmatched, failed) = (0, 0);
        foreach (var entry in batch.Live)
        {
            if (!batch.TryInput(entry, plan.Source, out var input)) continue;
            if (!work.TryFind(input)) unmatched++;
            else if (!work.TryReplace(entry, input)) failed++;
        }

        work.Return();
        if (unmatched > 0) plan.Unmatched.Add(unmatched);
        if (failed > 0) plan.Failed.Add(failed);
    }

    /// <summary>One batch's run: the bounds of the matches in a text, and what replaces its groups.</summary>
    private struct Work(StageBatch batch, ReplacePlan plan)
    {
        private readonly int _each = plan.Regex.BoundsEach;
        private readonly TemplateData? _data =
            plan.Plain is null ? new TemplateData(batch, plan.Names, seesLine: false) : null;
        private readonly TemplateSurroundings? _moment = plan.Plain is null ? plan.Surroundings(batch.Now) : null;
        private readonly ArrayBufferWriter<byte>? _result = plan.Plain is null ? new ArrayBufferWriter<byte>() : null;
        private int[] _bounds = ArrayPool<int>.Shared.Rent(plan.Regex.BoundsEach * 4);
        private int[] _places = ArrayPool<int>.Shared.Rent(plan.Regex.BoundsEach * 4);
        private int _count;

        /// <summary>Finds all matches before anything is added to the arena.</summary>
        public bool TryFind(ExtractedValue input)
        {
            _count = 0;
            using var search = plan.Regex.Search(batch.Text(input));
            while (true)
            {
                if (_bounds.Length < (_count + 1) * _each) Grow(ref _bounds, _count * _each);
                if (!search.TryNext(_bounds.AsSpan(_count * _each, _each))) return _count > 0;
                _count++;
            }
        }

        public bool TryReplace(int entry, ExtractedValue input)
        {
            if (plan.Plain is not null) return ReplacePlain(entry, input);
            if (_places.Length < _count * _each) Grow(ref _places, 0, _count * _each);
            for (var i = 2; i < _count * _each; i += 2)
                if (i % _each != 0 && _bounds[i] >= 0 && !TryExecute(entry, input, i)) return false;
            Build(entry, input);
            return true;
        }

        public readonly void Return()
        {
            ArrayPool<int>.Shared.Return(_bounds);
            ArrayPool<int>.Shared.Return(_places);
        }

        private bool ReplacePlain(int entry, ExtractedValue input)
        {
            if (_places.Length < _count * _each) Grow(ref _places, 0, _count * _each);
            var start = batch.Lines.Append(plan.Plain!);
            for (var i = 0; i < _count * _each; i += 2)
                (_places[i], _places[i + 1]) = (start, plan.Plain!.Length);
            Build(entry, input);
            return true;
        }

        private readonly bool TryExecute(int entry, ExtractedValue input, int bound)
        {
            var text = ExtractedValue.Text(input.Start + _bounds[bound], _bounds[bound + 1] - _bounds[bound]);
            _data!.Begin(entry, text);
            _result!.ResetWrittenCount();
            if (!plan.Template.TryExecute(_data, _moment!, _result, out _)) return false;
            (_places[bound], _places[bound + 1]) =
                (batch.Lines.Append(_result.WrittenSpan), _result.WrittenCount);
            return true;
        }

        /// <summary>Puts the text together from what stays and what replaces groups.</summary>
        private readonly void Build(int entry, ExtractedValue input)
        {
            var start = batch.Lines.BytesUsed;
            var (kept, length) = (0, 0);
            for (var i = 2; i < _count * _each; i += 2)
            {
                if (i % _each == 0 || _bounds[i] < kept) continue;
                length += Copy(input.Start + kept, _bounds[i] - kept) + Copy(_places[i], _places[i + 1]);
                kept = _bounds[i + 1];
            }

            length += Copy(input.Start + kept, input.Length - kept);
            var result = ExtractedValue.Text(start, length);
            if (plan.Source >= 0) batch.Set(entry, plan.Source, result);
            else
            {
                ref var target = ref batch.Lines[entry];
                target.LineStart = result.Start;
                target.LineLength = result.Length;
            }

            foreach (var (group, slot) in plan.Named) Extract(entry, group, slot);
        }

        private readonly void Extract(int entry, int group, int slot)
        {
            var bound = group * 2;
            // A group that took no part is an empty text: replaced only if some group was one.
            if (_bounds[bound] < 0) bound = FirstEmpty();
            if (bound >= 0) batch.Set(entry, slot, ExtractedValue.Text(_places[bound], _places[bound + 1]));
        }

        private readonly int FirstEmpty()
        {
            for (var i = 2; i < _count * _each; i += 2)
                if (i % _each != 0 && _bounds[i] >= 0 && _bounds[i] == _bounds[i + 1]) return i;
            return -1;
        }

        private readonly int Copy(int start, int length)
        {
            batch.Lines.Append(batch.Lines.Bytes.Slice(start, length));
            return length;
        }

        private static void Grow(ref int[] array, int used, int least = 0)
        {
            var grown = ArrayPool<int>.Shared.Rent(Math.Max(array.Length * 2, least));
            array.AsSpan(0, used).CopyTo(grown);
            ArrayPool<int>.Shared.Return(array);
            array = grown;
        }
    }
}
