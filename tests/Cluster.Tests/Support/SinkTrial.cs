namespace Weir.Cluster.Tests.Support;

/// <summary>A test with a folder, a sink, and nodes that deliver to it.</summary>
public abstract class SinkTrial : IAsyncLifetime
{
    protected string Folder { get; } = Directory.CreateTempSubdirectory("weir-trial-").FullName;

    /// <summary>Where a node stores, and the next one finds it.</summary>
    protected string Data => Path.Combine(Folder, "data");

    protected LokiSink Sink { get; private set; } = null!;

    public async Task InitializeAsync() => Sink = await LokiSink.StartAsync();

    public virtual async Task DisposeAsync()
    {
        await Sink.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A node, with the storage of the one before.</summary>
    protected WeirProcess Start(string configuration, params string[] more) =>
        WeirProcess.Start(configuration, Data, more);

    /// <returns>The path of the configuration.</returns>
    protected string Configure(string text, string name = "config.alloy")
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Delivers the <c>*.log</c> files of the folder.</summary>
    /// <param name="arguments">Of each endpoint, besides its address.</param>
    /// <returns>The path of the configuration.</returns>
    protected string ConfigureFiles(string arguments, params LokiSink[] sinks)
    {
        var endpoints = string.Join('\n', sinks.Select(sink => $$"""
            	endpoint {
            		url = "{{sink.PushUrl}}"
            {{arguments}}
            	}
            """));
        return Configure(
            $$"""
            local.file_match "logs" {
            	path_targets = [{ __path__ = "{{Folder}}/*.log", job = "files" }]
            	sync_period  = "1s"
            }

            loki.source.file "logs" {
            	targets    = local.file_match.logs.targets
            	forward_to = [loki.write.sink.receiver]
            }

            loki.write "sink" {
            {{endpoints}}
            }

            """);
    }
}
