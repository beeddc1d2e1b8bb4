using System.CommandLine;
using Weir.Routing.Language;
using Weir.Routing.Promtail;

namespace Weir.Node.Commands;

/// <summary>
/// <c>weir convert --from promtail FILE|-</c>: the same configuration in the configuration language, and what of it has
/// no equivalent. Exit code 1 when something would be lost, unless <c>-b</c> is given.
/// </summary>
internal static class ConvertCommand
{
    private const string StandardStream = "-";

    // A configuration may hold passwords: others may read the result only where they may read what it was made of.
    private const UnixFileMode ModeOfStandardInput = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Command Create()
    {
        var path = ConfigurationArgument.Required("Promtail's file, or - for standard input.");
        var from = new Option<string>("--from", "--source-format", "-f")
        {
            Description = "The language of the file: promtail.",
            DefaultValueFactory = _ => "promtail",
        };
        from.AcceptOnlyFromAmong("promtail");
        var output = new Option<string>("--output", "-o")
        {
            Description = "Where the result goes, - for standard output.",
            DefaultValueFactory = _ => StandardStream,
        };
        var report = new Option<string?>("--report", "-r")
        {
            Description = "Where the errors and warnings go, besides standard error.",
        };
        var bypass = new Option<bool>("--bypass-errors", "-b")
        {
            Description = "Write the result although something of the file is lost in it.",
        };
        var expand = new Option<bool>("--config.expand-env")
        {
            Description = "Put environment variables in the place of ${NAME}, as Promtail's flag of this name does.",
        };
        var command = new Command("convert", "Convert a configuration of Promtail.")
        {
            path, from, output, report, bypass, expand,
        };
        command.SetAction((parsed, cancel) => new Run(parsed.GetValue(path)!, parsed.GetValue(output)!,
            parsed.GetValue(report), parsed.GetValue(bypass), parsed.GetValue(expand),
            parsed.InvocationConfiguration).TryAsync(cancel));
        return command;
    }

    private sealed record Run(string Path, string Output, string? Report, bool BypassErrors, bool ExpandEnvironment,
        InvocationConfiguration Console)
    {
        public async Task<int> TryAsync(CancellationToken cancel)
        {
            try
            {
                return await ConvertAsync(cancel);
            }
            catch (IOException refused)
            {
                await Console.Error.WriteLineAsync($"weir: {refused.Message}");
            }
            catch (UnauthorizedAccessException refused)
            {
                await Console.Error.WriteLineAsync($"weir: {refused.Message}");
            }
            return 1;
        }

        private async Task<int> ConvertAsync(CancellationToken cancel)
        {
            var file = Path == StandardStream
                ? new SourceFile("standard input", await System.Console.In.ReadToEndAsync(cancel))
                : SourceFile.Decode(Path, await File.ReadAllBytesAsync(Path, cancel));
            var diagnostics = new DiagnosticBag();
            var conversion = PromtailConverter.Convert(
                file, Environment.GetEnvironmentVariable, ExpandEnvironment, diagnostics);
            await ReportAsync(diagnostics, cancel);
            if (conversion is null || (diagnostics.HasErrors && !BypassErrors)) return 1;
            if (Output == StandardStream) await Console.Output.WriteAsync(conversion.AlloyText.AsMemory(), cancel);
            else await WholeFile.ReplaceAsync(Output, conversion.AlloyText, ModeOfResult(), cancel);
            return 0;
        }

        private UnixFileMode ModeOfResult() =>
            Path == StandardStream ? ModeOfStandardInput : File.GetUnixFileMode(Path) | UnixFileMode.UserWrite;

        private async Task ReportAsync(DiagnosticBag diagnostics, CancellationToken cancel)
        {
            var text = DiagnosticRenderer.Render(diagnostics);
            if (text.Length > 0) await Console.Error.WriteLineAsync(text.AsMemory(), cancel);
            if (diagnostics.HasErrors)
            {
                var count = $"{diagnostics.ErrorCount} error{(diagnostics.ErrorCount == 1 ? "" : "s")}";
                await Console.Error.WriteLineAsync(BypassErrors
                    ? $"{count}, passed over"
                    : $"{count}: nothing is written. Mend the file, or pass over them with -b");
            }
            if (Report is not null) await WholeFile.ReplaceAsync(Report, text, ModeOfResult(), cancel);
        }
    }
}
