using System.CommandLine;
using Weir.Node.Agent;
using Weir.Node.Logging;

namespace Weir.Node.Commands;

/// <summary><c>weir run [PATH]</c>, with Alloy's flags where they exist.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var flags = new RunFlags();
        var command = new Command("run", "Run the node.");
        flags.AddTo(command);
        AlloyFlags.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            if (!flags.TryRead(parsed, out var settings, out var problem))
            {
                Console.Error.WriteLine($"weir: {problem}");
                return Task.FromResult(1);
            }

            return flags.IsDryRun(parsed)
                ? new DryRun(settings, new ProcessLog(Console.Error, TimeProvider.System), Console.Out).RunAsync(cancel)
                : NodeProcess.RunAsync(settings, cancel);
        });
        return command;
    }
}
