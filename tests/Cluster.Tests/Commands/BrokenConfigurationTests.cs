using Weir.Cluster.Tests.Support;

namespace Weir.Cluster.Tests.Commands;

public sealed class BrokenConfigurationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weir-broken-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("run")]
    [InlineData("validate")]
    public async Task Every_mistake_of_a_file_is_reported_at_once_with_place_caret_and_hint(string command)
    {
        var path = Path.Combine(_folder, "broken.alloy");
        await File.WriteAllTextAsync(path,
            """
            loki.source.file "logs" {
            	targets    = [{ __path__ = "/nowhere.log" }]
            	forward_to = [loki.proces.main.receiver]
            	encodng    = "utf-8"
            }

            loki.process "main" {
            	forward_to = [loki.write.default.receiver]

            	stage.regex {
            		expression = "(?P<level"
            	}
            }

            loki.write "default" {
            	endpoint {
            		batch_wait = "1 second"
            	}
            }

            loki.source.fiel "typo" { }

            """);

        var (exitCode, _, errors) = await WeirCommand.RunAsync(command, path);

        Assert.Equal(1, exitCode);
        (string Place, string Said, string Hint)[] expected =
        [
            (":3:16: error:", "loki.proces.main", "loki.process.main"),
            (":4:2: error:", "encodng", "encoding"),
            (":11:16: error:", "", ""),
            (":17:16: error:", "1 second", ""),
            (":16:2: error:", "url", ""),
            (":21:1: error:", "loki.source.fiel", "loki.source.file"),
        ];
        foreach (var (place, said, hint) in expected)
        {
            Assert.Contains($"broken.alloy{place}", errors);
            Assert.Contains(said, errors);
            Assert.Contains(hint, errors);
        }

        Assert.Contains("^^^", errors);
        Assert.Contains("6 errors", errors);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        var (exitCode, _, errors) = await WeirCommand.RunAsync("run", Path.Combine(_folder, "absent.alloy"));

        Assert.Equal(1, exitCode);
        Assert.Contains("absent.alloy: cannot be read", errors);
    }

    [Fact]
    public async Task An_address_that_is_taken_ends_the_start_with_a_reason()
    {
        await using var sink = await LokiSink.StartAsync();
        var path = Path.Combine(_folder, "empty.alloy");
        await File.WriteAllTextAsync(path, "");

        var (exitCode, _, errors) = await WeirCommand.RunAsync(
            "run", path, "--storage.path", Path.Combine(_folder, "data"),
            "--server.http.listen-addr", $"127.0.0.1:{sink.PushUrl.Port}");

        Assert.Equal(1, exitCode);
        Assert.Contains("address already in use", errors);
    }
}
