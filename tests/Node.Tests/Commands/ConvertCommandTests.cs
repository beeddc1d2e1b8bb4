using System.CommandLine;
using Weir.Node.Commands;

namespace Weir.Node.Tests.Commands;

public sealed class ConvertCommandTests : IDisposable
{
    private const string Valid = "clients: [{url: http://loki:3100/loki/api/v1/push}]\n"
        + "scrape_configs: [{job_name: j, journal: {}}]\n";

    private const string Lossy = Valid + "target_config: {stdin: true}\n";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("weir-convert");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_result_goes_to_standard_output()
    {
        var (code, output, error) = await RunAsync(Valid);

        Assert.Equal(0, code);
        Assert.Contains("loki.source.journal \"j\" {", output, StringComparison.Ordinal);
        Assert.Empty(error);
    }

    [Fact]
    public async Task The_result_goes_to_a_file_that_no_more_users_may_read()
    {
        var result = PathOf("out.alloy");

        var (code, output, _) = await RunAsync(Valid, "-o", result);

        Assert.Equal(0, code);
        Assert.Empty(output);
        Assert.Contains("loki.source.journal", await File.ReadAllTextAsync(result), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(result));
    }

    [Fact]
    public async Task An_error_leaves_no_result_but_a_report()
    {
        var (result, report) = (PathOf("out.alloy"), PathOf("report.txt"));

        var (code, output, error) = await RunAsync(Lossy, "-o", result, "-r", report);

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Contains("promtail.yaml:3:17: error: target_config.stdin", error, StringComparison.Ordinal);
        Assert.Contains("promtail.yaml:3:17: error: target_config.stdin", await File.ReadAllTextAsync(report),
            StringComparison.Ordinal);
        Assert.False(File.Exists(result));
    }

    [Fact]
    public async Task Errors_can_be_passed_over_but_not_a_file_that_cannot_be_read()
    {
        var lossy = await RunAsync(Lossy, "-b");
        var broken = await RunAsync("clients: [", "-b");

        Assert.Equal(0, lossy.Code);
        Assert.Contains("loki.source.journal", lossy.Output, StringComparison.Ordinal);
        Assert.Contains("1 error, passed over", lossy.Error, StringComparison.Ordinal);
        Assert.Equal(1, broken.Code);
        Assert.Empty(broken.Output);
    }

    [Fact]
    public async Task Variables_are_expanded_when_asked_for()
    {
        const string Text = "clients: [{url: 'http://loki/', tenant_id: '${WEIR_NO_SUCH_VARIABLE:-t}'}]\n"
            + "scrape_configs: [{job_name: j, journal: {}}]\n";

        var plain = await RunAsync(Text);
        var expanded = await RunAsync(Text, "--config.expand-env");

        Assert.Equal(1, plain.Code);
        Assert.Contains("tenant_id = \"t\"", expanded.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        var (code, _, error) = await RunAsync(null);

        Assert.Equal(1, code);
        Assert.Contains("promtail.yaml", error, StringComparison.Ordinal);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private async Task<(int Code, string Output, string Error)> RunAsync(string? yaml, params string[] flags)
    {
        var path = PathOf("promtail.yaml");
        if (yaml is not null)
        {
            await File.WriteAllTextAsync(path, yaml);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ConvertCommand.Create().Parse([path, "--from", "promtail", .. flags])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
