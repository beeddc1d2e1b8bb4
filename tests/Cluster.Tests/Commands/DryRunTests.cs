using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Commands;

public sealed class DryRunTests : SinkTrial
{
    [Fact]
    public async Task What_would_be_pushed_is_printed_and_nothing_is_delivered_or_kept()
    {
        var log = Path.Combine(Folder, "app.log");
        await File.WriteAllTextAsync(log, "{\"level\":\"warn\",\"id\":\"7\"}\n");
        var path = Configure(
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
            		url       = "{{Sink.PushUrl}}"
            		tenant_id = "acme"
            	}
            }

            """);

        await using var weir = Start(path, "--dry-run");
        await weir.SaidAsync("\tloki.write.default main\tacme\t"
            + "{host=\"h1\", job=\"app\", level=\"warn\"}\t{id=\"7\"}\t{");
        var exitCode = await weir.StopAsync();

        Assert.Equal(0, exitCode);
        Assert.Equal(0, Sink.Count);
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task It_needs_a_configuration()
    {
        var (exitCode, _, errors) = await WeirCommand.RunAsync("run", "--dry-run");

        Assert.Equal(1, exitCode);
        Assert.Contains("--dry-run needs a PATH", errors, StringComparison.Ordinal);
    }
}
