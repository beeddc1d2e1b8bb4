using Weir.Routing.Components;
using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Process;

/// <summary>Component <c>loki.process</c>: runs its stages on the loop of whoever sends to it.</summary>
/// <remarks>
/// A reload that changes a stage compiles a new pipeline, with new state; inlets notice at their next batch and first
/// send on what the old one holds. A reload that changes only <c>forward_to</c> keeps pipeline and state.
/// </remarks>
/// <param name="process">For the databases and templates of stages.</param>
public sealed class ProcessComponent(IComponentHost host, StageProcess process)
    : Component<ProcessOptions>(host), ILogsReceiver
{
    private ProcessOptions? _options;
    private CompiledPipeline? _pipeline;
    private IReadOnlyList<ILogsReceiver> _receivers = [];

    public ILogsInlet Open() =>
        new ProcessInlet(() => Volatile.Read(ref _pipeline)!, new FanOut(() => Volatile.Read(ref _receivers)), Time);

    public override ValueTask DisposeAsync()
    {
        _pipeline?.Dispose();
        return base.DisposeAsync();
    }

    protected override ValueTask ApplyAsync(ProcessOptions options, CancellationToken cancel)
    {
        if (_options is null || !OptionEquality.AreEqual(_options.Stages, options.Stages))
        {
            var compiler = new StageCompiler(Id, Labels, Events, new Random(), Time, process);
            var before = _pipeline;
            Volatile.Write(ref _pipeline, CompiledPipeline.Compile(options.Stages, compiler));
            before?.Dispose();
        }

        _options = options;
        Volatile.Write(ref _receivers, options.ForwardTo);
        Host.Export(new ProcessExports { Receiver = this });
        return ValueTask.CompletedTask;
    }
}
