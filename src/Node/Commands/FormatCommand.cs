using System.CommandLine;
using Weir.Routing.Language;

namespace Weir.Node.Commands;

/// <summary><c>weir fmt FILE|-</c>: the file as it should look; <c>-w</c> writes it back, <c>-t</c> tells by the exit
/// code.</summary>
internal static class FormatCommand
{
    /// <param name="input">What <c>-</c> reads.</param>
    public static Command Create(TextReader input)
    {
        var path = ConfigurationArgument.Required("A configuration file, or - for standard input.");
        var write = new Option<bool>("--write", "-w") { Description = "Write the result back to the file." };
        var test = new Option<bool>("--test", "-t")
        {
            Description = "Print nothing; exit 1 if the file is not formatted.",
        };
        var command = new Command("fmt", "Format a configuration file.") { path, write, test };
        command.SetAction(async (parsed, cancel) =>
        {
            var name = parsed.GetValue(path)!;
            var streams = parsed.InvocationConfiguration;
            try
            {
                var text = name == "-"
                    ? await input.ReadToEndAsync(cancel) : await File.ReadAllTextAsync(name, cancel);
                if (Format(name, text, streams.Error) is not { } formatted) return 1;
                if (parsed.GetValue(test)) return formatted == text ? 0 : 1;
                if (!parsed.GetValue(write) || name == "-") await streams.Output.WriteAsync(formatted);
                else if (formatted != text)
                    await WholeFile.ReplaceAsync(name, formatted, File.GetUnixFileMode(name), cancel);
                return 0;
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                await streams.Error.WriteLineAsync($"weir: {name}: {unreadable.Message}");
                return 1;
            }
        });
        return command;
    }

    /// <returns>Null when it is no configuration: the mistakes are printed.</returns>
    private static string? Format(string name, string text, TextWriter errors)
    {
        var diagnostics = new DiagnosticBag();
        var formatted = Formatter.Format(new SourceFile(name, text), diagnostics);
        if (formatted is null) errors.WriteLine(DiagnosticRenderer.Render(diagnostics));
        return formatted;
    }
}
