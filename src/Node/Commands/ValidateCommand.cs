using System.CommandLine;
using Weir.Node.Agent;
using Weir.Routing.Language;

namespace Weir.Node.Commands;

/// <summary><c>weir validate PATH</c>: every mistake at once, and exit code 1 if there is one.</summary>
internal static class ValidateCommand
{
    public static Command Create()
    {
        var path = ConfigurationArgument.Required("A configuration file or a folder of *.alloy files.");
        var format = new ConfigurationArgument.FormatOptions();
        var command = new Command("validate", "Check a configuration without running it.") { path };
        format.AddTo(command);
        command.SetAction(parsed =>
        {
            var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var read = new ConfigurationReader(Stability.Experimental, format.Value(parsed))
                .ReadPath(parsed.GetValue(path)!);
            foreach (var message in read.Errors.Concat(read.Warnings)) errors.WriteLine($"{message}\n");
            if (read.Plans is null)
            {
                errors.WriteLine($"{read.Errors.Count} error{(read.Errors.Count == 1 ? "" : "s")}");
                return 1;
            }

            output.WriteLine($"{parsed.GetValue(path)} is valid: {read.Plans.Count} components");
            return 0;
        });
        return command;
    }
}
