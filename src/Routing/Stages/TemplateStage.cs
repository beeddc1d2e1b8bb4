using System.Buffers;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Routing.Templates;

namespace Weir.Routing.Stages;

/// <summary>Block <c>stage.template</c>: an extracted value from a template over the others.</summary>
[BlockName("stage.template")]
public sealed record TemplateOptions : IStageOptions, IValidated
{
    /// <summary>The value to set; the template reads its old one as <c>.Value</c>.</summary>
    [Argument("source", Required = true)]
    public string Source { get; init; } = "";

    /// <summary>Go's text/template; <c>.Entry</c> is the line.</summary>
    [Argument("template", Required = true)]
    public string Template { get; init; } = "";

    public void Validate(OptionProblems problems)
    {
        if (Source.Length == 0) problems.Add("source", "is empty", "name the extracted value to set");
        StageTemplates.Check("template", Template, problems);
    }

    public Stage Compile(StageCompiler compiler)
    {
        var template = StageTemplates.Compile("stage.template", Template);
        return new TemplateStage(
            template, compiler.Slots.Add(Source), new TemplateNames(template, compiler.Slots), compiler.Surroundings,
            compiler.Failed("template", "execution"));
    }
}

/// <summary>An empty result takes the name out of the map. Where the template fails, nothing changes.</summary>
internal sealed class TemplateStage(
    GoTemplate template, int source, TemplateNames names, Func<long, TemplateSurroundings> surroundings, Metric failed)
    : Stage
{
    public override void Apply(StageBatch batch)
    {
        var data = new TemplateData(batch, names, seesLine: true);
        var moment = surroundings(batch.Now);
        var result = new ArrayBufferWriter<byte>();
        var failures = 0;
        foreach (var entry in batch.Live)
        {
            data.Begin(entry, batch.Get(entry, source));
            result.ResetWrittenCount();
            if (!template.TryExecute(data, moment, result, out _)) failures++;
            else if (result.WrittenCount == 0) batch.Set(entry, source, ExtractedValue.Absent);
            else
            {
                batch.Set(entry, source,
                    ExtractedValue.Text(batch.Lines.Append(result.WrittenSpan), result.WrittenCount));
            }
        }

        if (failures > 0) failed.Add(failures);
    }
}
