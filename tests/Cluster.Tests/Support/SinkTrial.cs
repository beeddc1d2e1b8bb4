namespace Weir.Cluster.Tests.Support;

/// <summary>A test with a folder, a sink, and nodes that deliver to it.</summary>
public abstract class SinkTrial : IAsyncLifetime
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("weir-trial-").FullName;

    protected LokiSink Sink { get; private set; } = null!;

    public async Task InitializeAsync() => Sink = await LokiSink.StartAsync();

    public async Task DisposeAsync()
    {
        await Sink.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A node, with the storage of the one before.</summary>
    protected WeirProcess Start(string configuration) =>
        WeirProcess.Start(configuration, Path.Combine(Folder, "data"));

    /// <returns>The path of the configuration.</returns>
    protected string Configure(string text)
    {
        var path = Path.Combine(Folder, "config.alloy");
        File.WriteAllText(path, text);
        return path;
    }
}
