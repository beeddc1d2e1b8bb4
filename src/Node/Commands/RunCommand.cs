using System.CommandLine;
using Weir.Node.Agent;

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
            if (flags.TryRead(parsed, out var settings, out var problem))
                return NodeProcess.RunAsync(settings, cancel);
            Console.Error.WriteLine($"weir: {problem}");
            return Task.FromResult(1);
        });
        return command;
    }
}
