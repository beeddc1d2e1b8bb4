using System.Net.Http.Json;
using System.Text.Json;
using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Commands;

/// <summary>Configurations of which a node runs a part, or that it chooses among.</summary>
public sealed class PartialConfigurationTests : SinkTrial
{
    [Fact]
    public async Task What_is_not_supported_is_shown_as_disabled_and_the_rest_runs()
    {
        var hosts = Directory.CreateDirectory(Path.Combine(Folder, "hosts")).FullName;
        var log = Path.Combine(Folder, "app.log");
        await File.WriteAllTextAsync(log, "still here\n");
        await File.WriteAllTextAsync(Path.Combine(hosts, "default.alloy"),
            $$"""
            loki.source.file "app" {
            	targets    = [{__path__ = "{{log}}", job = "app"}]
            	forward_to = [loki.write.default.receiver, otelcol.receiver.loki.traces.receiver]
            }

            otelcol.receiver.loki "traces" { }

            loki.write "default" {
            	endpoint {
            		url = "{{Sink.PushUrl}}"
            	}
            }

            """);

        await using var weir = WeirProcess.Start(null, Data, "--config.host-dir", hosts, "--skip-unsupported");
        var address = await weir.AddressAsync();
        await weir.SaidAsync("delivered the first lines");
        using var client = new HttpClient { BaseAddress = address };
        var components = await client.GetFromJsonAsync<JsonElement>("/api/v1/components");

        var states = components.EnumerateArray().ToDictionary(
            component => component.GetProperty("id").GetString()!,
            component => component.GetProperty("health").GetProperty("state").GetString());
        Assert.Equal("disabled", states["otelcol.receiver.loki.traces"]);
        Assert.Equal("healthy", states["loki.source.file.app"]);
        Assert.Contains("otelcol.receiver.loki.traces does not run", weir.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_and_a_folder_of_hosts_exclude_each_other()
    {
        var (exitCode, _, errors) = await WeirCommand.RunAsync("run", "x.alloy", "--config.host-dir", Folder);

        Assert.Equal(1, exitCode);
        Assert.Contains("--config.host-dir, not both", errors, StringComparison.Ordinal);
    }
}
