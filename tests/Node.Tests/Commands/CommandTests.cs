using Weir.Node.Agent;
using Weir.Node.Commands;

namespace Weir.Node.Tests.Commands;

/// <summary><c>weir fmt</c> and <c>weir validate</c>, as a shell runs them.</summary>
public sealed class CommandTests : CommandTrial
{
    private const string Crooked = "logging {\nlevel=\"info\"\n}\n";
    private const string Straight = "logging {\n\tlevel = \"info\"\n}\n";

    [Fact]
    public async Task Fmt_prints_the_formatted_text_of_a_file_or_of_standard_input()
    {
        var file = Write("a.alloy", Crooked);

        var codes = (
            await FormatAsync("", file), await FormatAsync(Crooked, "-"), await FormatAsync(Crooked, "-", "-w"));

        Assert.Equal((0, 0, 0), codes);
        Assert.Equal(Straight + Straight + Straight, Output.ToString());
        Assert.Equal(Crooked, File.ReadAllText(file));
    }

    [Fact]
    public async Task Fmt_writes_back_with_the_mode_kept_through_links_and_leaves_nothing_behind()
    {
        var file = Write("a.alloy", Crooked);
        const UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        File.SetUnixFileMode(file, mode);
        var link = File.CreateSymbolicLink(Path.Combine(Folder.FullName, "link.alloy"), file).FullName;

        var code = await FormatAsync("", link, "-w");

        Assert.Equal(0, code);
        Assert.Equal(Straight, File.ReadAllText(file));
        Assert.Equal(mode, File.GetUnixFileMode(file));
        Assert.Equal(file, new FileInfo(link).LinkTarget);
        Assert.Equal(["a.alloy", "link.alloy"], Folder.GetFiles().Select(entry => entry.Name).Order());
    }

    [Fact]
    public async Task Fmt_does_not_touch_a_file_that_is_formatted()
    {
        var file = Write("a.alloy", Straight);
        var then = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(file, then);

        await FormatAsync("", file, "-w");

        Assert.Equal(then, File.GetLastWriteTimeUtc(file));
    }

    [Theory]
    [InlineData(Crooked, 1)]
    [InlineData(Straight, 0)]
    public async Task Fmt_tests_without_printing(string text, int expected)
    {
        var code = await FormatAsync(text, "-", "-t");

        Assert.Equal(expected, code);
        Assert.Equal("", Output.ToString());
    }

    [Fact]
    public async Task Fmt_leaves_a_file_with_a_mistake_alone_and_says_where_it_is()
    {
        var file = Write("a.alloy", "logging {\n\tlevel = \n}\n");

        var codes = (await FormatAsync("", file, "-w"), await FormatAsync("", Path.Combine(Folder.FullName, "none")));

        Assert.Equal((1, 1), codes);
        Assert.Contains("a.alloy:", Errors.ToString(), StringComparison.Ordinal);
        Assert.Equal("logging {\n\tlevel = \n}\n", File.ReadAllText(file));
    }

    [Fact]
    public async Task Validate_takes_a_folder_as_one_configuration()
    {
        Write("a.alloy", "loki.process \"p\" {\n\tforward_to = [loki.echo.e.receiver]\n}\n");
        Write("b.alloy", "loki.echo \"e\" { }\n");
        Write("c.txt", "not read");

        var code = await ValidateAsync(Folder.FullName);

        Assert.Equal(0, code);
        Assert.Equal($"{Folder.FullName} is valid: 2 components, 1 warning\n", Output.ToString());
    }

    [Fact]
    public async Task Validate_names_every_mistake_at_once()
    {
        var bad = Write("bad.alloy", "logging {\n\tlevel = \"loud\"\n}\n\nloki.ecko \"e\" { }\n");

        var code = await ValidateAsync(bad);

        var errors = Errors.ToString();
        Assert.Equal(1, code);
        Assert.Contains("bad.alloy:2", errors, StringComparison.Ordinal);
        Assert.Contains("bad.alloy:5", errors, StringComparison.Ordinal);
        Assert.Contains("2 errors", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_refuses_what_is_not_there_and_an_empty_folder()
    {
        var missing = Path.Combine(Folder.FullName, "none");

        var codes = (await ValidateAsync(Folder.FullName), await ValidateAsync(missing));

        Assert.Equal((1, 1), codes);
        Assert.Contains("no *.alloy file", Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validate_refuses_what_a_node_of_that_stability_level_would_not_run()
    {
        var path = Write("a.alloy", """
            loki.secretfilter "s" { forward_to = [loki.echo.e.receiver] }
            loki.echo "e" { }
            """);

        var codes = (await ValidateAsync(path), await ValidateAsync(path, "--stability.level=public-preview"));

        Assert.Equal((1, 0), codes);
        Assert.Contains("--stability.level=public-preview", Errors.ToString(), StringComparison.Ordinal);
    }

    private Task<int> FormatAsync(string input, params string[] arguments) =>
        InvokeAsync([FormatCommand.Create(new StringReader(input))], ["fmt", .. arguments]);

    private Task<int> ValidateAsync(string path, params string[] options) =>
        InvokeAsync([ValidateCommand.Create(new HostInspection())], ["validate", path, .. options]);
}
