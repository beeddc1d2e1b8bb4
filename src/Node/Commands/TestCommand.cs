using System.CommandLine;
using Weir.Node.Agent;

namespace Weir.Node.Commands;

/// <summary><c>weir test PATH…</c>: runs pipeline tests written beside a configuration; exit code 1 when one
/// fails.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("PATH")
        {
            Description = "Files of tests (NAME.test.yaml beside NAME.alloy), or folders that hold some.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("test", "Run pipeline tests.") { paths };
        command.SetAction(async (parsed, cancel) =>
        {
            var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var trial = new PipelineTrial(output, errors);
            var isGood = true;
            try
            {
                foreach (var file in parsed.GetValue(paths)!.SelectMany(PipelineTrial.FilesOf))
                    isGood &= await trial.TryAsync(file, cancel);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                await errors.WriteLineAsync($"weir: {unreadable.Message}");
                return 1;
            }

            await output.WriteLineAsync($"{trial.Passed} passed, {trial.Failed} failed");
            return isGood ? 0 : 1;
        });
        return command;
    }
}
