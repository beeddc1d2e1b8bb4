using System.CommandLine;
using Weir.Node.Agent;
using Weir.Routing.Language;

namespace Weir.Node.Commands;

/// <summary><c>weir fmt FILE|-</c>: the file as it should look; <c>-w</c> writes it back, <c>-t</c> tells by the exit
/// code.</summary>
internal static class FormatCommand
{
    public static Command Create()
    {
        var path = ConfigurationArgument.Required("A configuration file, or - for standard input.");
        var write = new Option<bool>("--write", "-w") { Description = "Write the result back to the file." };
        var test = new Option<bool>("--test", "-t") { Description = "Print nothing; exit 1 if the file is not formatted." };
        var command = new Command("fmt", "Format a configuration file.") { path, write, test };
        command.SetAction(async (parsed, cancel) =>
        {
            var name = parsed.GetValue(path)!;
            try
            {
                var text = name == "-" ? await Console.In.ReadToEndAsync(cancel) : await File.ReadAllTextAsync(name, cancel);
                return await FormatAsync(name, text, parsed.GetValue(write), parsed.GetValue(test), cancel);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"weir: {name}: {unreadable.Message}");
                return 1;
            }
        });
        return command;
    }

    private static async Task<int> FormatAsync(
        string name, string text, bool write, bool test, CancellationToken cancel)
    {
        var diagnostics = new DiagnosticBag();
        if (Formatter.Format(new SourceFile(name, text), diagnostics) is not { } formatted)
        {
            await Console.Error.WriteLineAsync(DiagnosticRenderer.Render(diagnostics));
            return 1;
        }

        if (test) return formatted == text ? 0 : 1;
        if (!write || name == "-") Console.Write(formatted);
        else if (formatted != text)
            await WholeFile.ReplaceAsync(name, formatted, File.GetUnixFileMode(name), cancel);
        return 0;
    }
}
