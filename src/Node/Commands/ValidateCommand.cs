using System.CommandLine;
using Weir.Node.Agent;
using Weir.Routing.Ports;

namespace Weir.Node.Commands;

/// <summary><c>weir validate PATH</c>: every mistake at once, also those that do not keep a configuration from
/// running; exit code 1 if there is an error.</summary>
internal static class ValidateCommand
{
    /// <param name="host">Answers for this host.</param>
    public static Command Create(IHostInspection host)
    {
        var path = ConfigurationArgument.Required("A configuration file or a folder of *.alloy files.");
        var output = new Option<string>("--format")
        {
            Description = "How findings are printed: text or json.",
            DefaultValueFactory = _ => "text",
        };
        output.AcceptOnlyFromAmong("text", "json");
        var stability = new ConfigurationArgument.StabilityOption();
        var format = new ConfigurationArgument.FormatOptions();
        var command = new Command("validate", "Check a configuration without running it.") { path, output };
        stability.AddTo(command);
        format.AddTo(command);
        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(path)!;
            var read = new ConfigurationReader(stability.Value(parsed), format.Value(parsed), host).ReadPath(name);
            var streams = parsed.InvocationConfiguration;
            if (parsed.GetValue(output) == "json") streams.Output.WriteLine(FindingsJson.Render(read));
            else Print(name, read, streams.Output, streams.Error);
            return read.Plans is null ? 1 : 0;
        });
        return command;
    }

    private static void Print(string path, ReadConfiguration read, TextWriter output, TextWriter errors)
    {
        foreach (var message in read.Errors.Concat(read.Warnings)) errors.WriteLine($"{message}\n");
        var warnings = read.Warnings.Count == 0 ? "" : $", {Count(read.Warnings.Count, "warning")}";
        if (read.Plans is null) errors.WriteLine(Count(read.Errors.Count, "error") + warnings);
        else output.WriteLine($"{path} is valid: {Count(read.Plans.Count, "component")}{warnings}");
    }

    private static string Count(int count, string word) => $"{count} {word}{(count == 1 ? "" : "s")}";
}
