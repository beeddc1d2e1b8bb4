using System.Text.RegularExpressions;
using Weir.Support;

namespace Weir.Node.Tests.Tidiness;

/// <summary>The habits of the code base, checked: sizes, dependency direction, and that ARCHITECTURE.md tells the
/// truth.</summary>
public sealed partial class TidyTests
{
    private const int FileLinesMax = 400;
    private const int MethodLinesMax = 60;
    private const int LineLengthMax = 120;

    private static readonly string Root = Repository.Root;

    [Fact]
    public void No_file_is_longer_than_it_should_be()
    {
        var long_ = CodeFiles()
            .Select(file => (file, Lines: File.ReadAllLines(file).Length))
            .Where(entry => entry.Lines > FileLinesMax)
            .Select(entry => $"{Relative(entry.file)}: {entry.Lines} lines, at most {FileLinesMax}");

        Assert.Empty(long_);
    }

    [Fact]
    public void No_line_is_wider_than_it_should_be()
    {
        var wide =
            from file in CodeFiles()
            from numbered in File.ReadLines(file).Select((text, index) => (text, number: index + 1))
            where numbered.text.Length > LineLengthMax && !numbered.text.Contains("https://", StringComparison.Ordinal)
            select $"{Relative(file)}:{numbered.number}: {numbered.text.Length} characters, at most {LineLengthMax}";

        Assert.Empty(wide);
    }

    [Fact]
    public void No_method_is_longer_than_it_should_be()
    {
        var long_ = CodeFiles().SelectMany(LongMethods);

        Assert.Empty(long_);
    }

    [Fact]
    public void Modules_depend_in_one_direction()
    {
        var protocol = References(typeof(Protocol.Batches.LogBatch));
        var routing = References(typeof(Routing.RoutingEvents));

        Assert.DoesNotContain(protocol, name => name is "Weir.Routing" or "weir");
        Assert.DoesNotContain(routing, name => name == "weir");
        foreach (var edge in new[] { "System.Net.Sockets", "System.Net.Http", "SQLitePCLRaw.core" })
        {
            Assert.DoesNotContain(edge, protocol);
            Assert.DoesNotContain(edge, routing);
        }
    }

    [Fact]
    public void Paths_that_the_architecture_names_exist()
    {
        var text = File.ReadAllText(Path.Combine(Root, "ARCHITECTURE.md"));

        var paths = PathInProse().Matches(text).Select(match => match.Groups[1].Value.TrimEnd('/')).Distinct().ToList();

        Assert.NotEmpty(paths);
        Assert.DoesNotContain(paths, path => !Path.Exists(Path.Combine(Root, path)));
    }

    [Fact]
    public void Only_supervisors_and_the_program_catch_every_exception()
    {
        string[] allowed = ["src/Routing/Actors/Supervision.cs", "src/Node/Program.cs"];

        var catches =
            from file in CodeFiles().Where(file => Relative(file).StartsWith("src/", StringComparison.Ordinal))
            where CatchAll().IsMatch(File.ReadAllText(file)) && !allowed.Contains(Relative(file))
            select Relative(file);

        Assert.Empty(catches);
    }

    private static string[] References(Type inAssembly) =>
        [.. inAssembly.Assembly.GetReferencedAssemblies().Select(name => name.Name ?? "")];

    private static IEnumerable<string> CodeFiles() =>
        from folder in new[] { "src", "tests", "bench" }
        from file in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
        where !Relative(file).Split('/').Any(part => part is "obj" or "bin")
        select file;

    /// <summary>Finds bodies by indentation: a member starts at one or two levels, its closing brace stands at the
    /// same.</summary>
    private static IEnumerable<string> LongMethods(string file)
    {
        var lines = File.ReadAllLines(file);
        for (var i = 1; i < lines.Length; i++)
        {
            // No member stands at the margin: that is a type whose parameters take a line of their own.
            if (lines[i] == "{" || lines[i].TrimStart() != "{" || !IsMethodHead(lines, i)) continue;
            var indentation = lines[i].Length - 1;
            var end = Array.FindIndex(lines, i + 1, line =>
                line.StartsWith(new string(' ', indentation) + "}", StringComparison.Ordinal));
            if (end - i - 1 > MethodLinesMax)
                yield return $"{Relative(file)}:{i}: a method of {end - i - 1} lines, at most {MethodLinesMax}";
        }
    }

    private static bool IsMethodHead(string[] lines, int brace)
    {
        var head = lines[brace - 1].Trim();
        return head.EndsWith(')') && !TypeOrStatement().IsMatch(head)
            && !head.StartsWith("//", StringComparison.Ordinal);
    }

    private static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    [GeneratedRegex(@"`((?:src|tests|bench|deploy|docs)/[A-Za-z0-9_./-]*)`")]
    private static partial Regex PathInProse();

    // "when (it is A or B)" names the types that are caught, or "when (SomeFault.IsOne(it)" where they are listed once.
    [GeneratedRegex(@"catch\s*(\(Exception\b(?!\s+(\w+)\)\s+when\s+\((\2\s+is\s|\w+Fault\.IsOne\(\2\)))|\{)")]
    private static partial Regex CatchAll();

    [GeneratedRegex(@"\b(if|for|foreach|while|switch|using|lock|catch|class|record|struct|interface)\b")]
    private static partial Regex TypeOrStatement();
}
