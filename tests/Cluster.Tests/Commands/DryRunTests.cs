using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Commands;

public sealed class DryRunTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-dry-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_would_be_pushed_is_printed_and_nothing_is_delivered_or_kept()
    {
        var log = Path.Combine(_folder, "app.log");
        var storage = Path.Combine(_folder, "data");
        var path = Path.Combine(_folder, "config.alloy");
        await using var sink = await LokiSink.StartAsync();
        await File.WriteAllTextAsync(log, "{\"level\":\"warn\",\"id\":\"7\"}\n");
        await File.WriteAllTextAsync(path,
            $$"""
            loki.source.file "app" {
            	targets    = [{__path__ = "{{log}}", job = "app"}]
            	forward_to = [loki.process.app.receiver]
            }

            loki.process "app" {
            	stage.json {
            		expressions = {level = "", id = ""}
            	}

            	stage.labels {
            		values = {level = ""}
            	}

            	stage.structured_metadata {
            		values = {id = ""}
            	}

            	stage.label_drop {
            		values = ["filename"]
            	}

            	forward_to = [loki.write.default.receiver]
            }

            loki.write "default" {
            	external_labels = {host = "h1"}

            	endpoint {
            		name      = "main"
            		url       = "{{sink.PushUrl}}"
            		tenant_id = "acme"
            	}
            }

            """);

        await using var weir = WeirProcess.Start(path, storage, "--dry-run");
        await weir.SaidAsync("\tloki.write.default main\tacme\t"
            + "{host=\"h1\", job=\"app\", level=\"warn\"}\t{id=\"7\"}\t{");
        var exitCode = await weir.StopAsync();

        Assert.Equal(0, exitCode);
        Assert.Equal(0, sink.Count);
        Assert.False(Directory.Exists(storage));
    }

    [Fact]
    public async Task It_needs_a_configuration()
    {
        var (exitCode, _, errors) = await WeirCommand.RunAsync("run", "--dry-run");

        Assert.Equal(1, exitCode);
        Assert.Contains("--dry-run needs a PATH", errors, StringComparison.Ordinal);
    }
}
