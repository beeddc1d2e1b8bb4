using Microsoft.AspNetCore.Http;
using Weir.Node.Admin;
using Weir.Node.Agent;
using Weir.Node.Cluster;
using Weir.Node.Logging;
using Weir.Node.Tests.Admin;
using Weir.Node.Tests.Http;
using Weir.Protocol.Batches;
using Weir.Routing;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Language;
using Weir.Routing.Metrics;
using Weir.Support;

namespace Weir.Node.Tests.Agent;

/// <summary>No secret of a configuration is in any answer, in the log, or in an error.</summary>
public sealed class SecretsTests : IDisposable
{
    private const string Configuration =
        """
        http {
        	auth {
        		basic {
        			username = "admin"
        			password = "TOPSECRET-1"
        		}
        		filter {
        			paths = ["/none"]
        		}
        	}
        }

        loki.write "basic" {
        	endpoint {
        		url     = "http://user:TOPSECRET-2@127.0.0.1:1/loki/api/v1/push"
        		headers = { "Authorization" = "TOPSECRET-3", "X-Api-Key" = "TOPSECRET-4" }
        	}

        	endpoint {
        		name = "second"
        		url  = "http://127.0.0.1:1/loki/api/v1/push"

        		basic_auth {
        			username = "user"
        			password = "TOPSECRET-5"
        		}
        	}

        	endpoint {
        		name         = "third"
        		url          = "http://127.0.0.1:1/loki/api/v1/push"
        		bearer_token = "TOPSECRET-6"
        		proxy_url    = "http://proxy:TOPSECRET-7@127.0.0.1:2"
        	}
        }
        """;

    private readonly StringWriter _output = new();
    private readonly ConfigurationReader _reader = new(Stability.GenerallyAvailable, new ConfigurationFormat());

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task Answers_and_the_log_show_none()
    {
        var (errors, answers) = await RunAsync(Configuration);

        Assert.Empty(errors);
        Assert.Contains("third", answers[0], StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1/loki/api/v1/push", answers[1], StringComparison.Ordinal);
        Assert.Contains("loki.write.basic", answers[8], StringComparison.Ordinal);
        Assert.All(answers, answer => Assert.DoesNotContain("TOPSECRET", answer, StringComparison.Ordinal));
        Assert.DoesNotContain("TOPSECRET", _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(401)]
    public async Task What_a_request_for_a_text_or_a_module_carries_is_shown_nowhere(int status)
    {
        await using var server = await LoopbackServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("declare \"m\" { }");
        });

        var (errors, answers) = await RunAsync(Asking(server.Port));

        Assert.True(server.Seen.TryPeek(out var seen));
        Assert.Equal("TOPSECRET-11", seen.Headers["X-Api-Key"].ToString());
        Assert.StartsWith("TOPSECRET-12", System.Text.Encoding.UTF8.GetString(seen.Body), StringComparison.Ordinal);
        Assert.Equal(status == 200 ? 0 : 2, errors.Count);
        Assert.Equal(status == 200, answers[0].Contains("import.http.module", StringComparison.Ordinal));
        Assert.All(errors, error => Assert.Contains("answered 401", error, StringComparison.Ordinal));
        Assert.All(answers.Concat(errors).Append(_output.ToString()),
            said => Assert.DoesNotContain("TOPSECRET", said, StringComparison.Ordinal));
    }

    private static string Asking(int port)
    {
        const string Request = """
                url     = "http://user:TOPSECRET-10@127.0.0.1:PORT/x?token=TOPSECRET-14"
                method  = "POST"
                headers = {
                  "X-Api-Key" = "TOPSECRET-11",
            "X-Plain" = "TOPSECRET-15",
                  "Content-Type" = "text/plain",
                }
                body    = "TOPSECRET-12"
                client {
                  http_headers = { "X-Other" = ["TOPSECRET-13"] }
                }
            """;
        return $"remote.http \"text\" {{\n{Request}\n}}\nimport.http \"module\" {{\n{Request}\n}}\n"
            .Replace("PORT", port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                StringComparison.Ordinal);
    }

    /// <summary>Loads a configuration into a node's graph, and asks its endpoint for all that it tells.</summary>
    private async Task<(IReadOnlyList<string> Errors, List<string> Answers)> RunAsync(string configuration)
    {
        var (time, spool) = (new ManualTime(), new MemorySpool());
        var (metrics, labels) = (new MetricRegistry(), new LabelSets());
        var log = new ProcessLog(_output, time) { Level = Routing.Ports.LogSeverity.Debug };
        var (events, access) = (new RoutingEvents(log, metrics), new AdminAccess(new HttpBlockOptions()));
        await using var delivery = new Delivery(spool, labels, events, time, new Random(1));
        using var factory = new ComponentFactory(
            log, new OwnLogSource(log, labels, time, metrics), access, delivery, time);
        await using var graph = new Graph(factory.Make, labels, events, time);
        var cluster = new ClusterPart(
            "self", new ClusterTies(), graph, delivery, spool, events, TimeProvider.System,
            () => new Uri("http://127.0.0.1:1/"), () => { });
        using var stop = new CancellationTokenSource();
        await delivery.StartAsync(default);
        await using var rig = await AdminRig.StartAsync(
            access,
            [
                new ComponentRoutes(() => graph.Components), new LaneRoutes(delivery), new MetricsRoutes(metrics),
                new HealthRoutes(() => true, () => graph.Components, _ => Task.FromResult<IReadOnlyList<string>>([])),
                .. cluster.Routes,
            ]);
        var read = _reader.Read([new SourceFile("a.alloy", configuration)]);
        Assert.Empty(read.Errors);

        var errors = await graph.LoadAsync(read.Plan, default);
        var running = cluster.Participation.RunAsync(stop.Token);
        await cluster.Participation.Members.ChangedAsync([], default).AsTask().WaitAsync(Signals.Patience);
        var answers = new List<string>();
        foreach (var path in new[]
        {
            "/api/v1/components", "/api/v1/components/loki.write.basic", "/api/v1/components/http", "/api/v1/lanes",
            "/api/v1/deadletters", "/metrics", "/-/healthy", "/api/v1/cluster", "/api/v1/nodes/self",
            "/api/v1/destinations", "/api/v1/components/remote.http.text", "/api/v1/components/import.http.module",
        })
            answers.Add((await rig.GetAsync(path)).Text);
        await stop.CancelAsync();
        await running;
        return (errors, answers);
    }

    [Fact]
    public void Errors_on_any_line_show_none()
    {
        CheckErrors(Configuration);
        CheckErrors(Asking(1));
    }

    private void CheckErrors(string configuration)
    {
        var lines = configuration.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            foreach (var broken in new[] { line + " }", line + " =", line.TrimEnd('"'), "\tnonsense = 1\n" + line })
            {
                var text = string.Join('\n', [.. lines[..i], broken, .. lines[(i + 1)..]]);

                var read = _reader.Read([new SourceFile("a.alloy", text)]);

                Assert.All(read.Errors, error => Assert.True(
                    !error.Contains("TOPSECRET", StringComparison.Ordinal), $"line {i + 1} as {broken}:\n{error}"));
            }
        }
    }
}
