using System.CommandLine;

namespace Weir.Node.Tests.Commands;

/// <summary>A test of commands, as a shell runs them, with a folder for their files.</summary>
public abstract class CommandTrial : IDisposable
{
    protected DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("weir-commands-");

    /// <summary>What the commands have printed so far.</summary>
    protected StringWriter Output { get; } = new();

    /// <summary>What they have complained of.</summary>
    protected StringWriter Errors { get; } = new();

    public void Dispose()
    {
        Output.Dispose();
        Errors.Dispose();
        Folder.Delete(recursive: true);
    }

    /// <returns>The path of the file.</returns>
    protected string Write(string name, string text)
    {
        var path = Path.Combine(Folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <returns>The exit code.</returns>
    protected Task<int> InvokeAsync(RootCommand root, params string[] arguments) => root.Parse(arguments)
        .InvokeAsync(new InvocationConfiguration { Output = Output, Error = Errors });
}
