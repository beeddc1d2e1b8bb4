using Weir.Node.Agent;
using Weir.Routing.Language;

namespace Weir.Node.Tests.Doctor;

/// <summary>The config doctor knows what the nodes of a cluster do for each other.</summary>
public sealed class ClusterFindingsTests
{
    private const string Fed = "";
    private const string Unfed = "dead-end";

    [Theory]
    [InlineData("""roles = ["writer"]""", Fed)]
    [InlineData("""roles = ["agent", "writer"]""", Fed)]
    [InlineData("", Fed)]
    [InlineData("""roles = ["agent"]""", Unfed)]
    public void The_destination_of_a_writer_is_fed_by_agents(string roles, string expected)
    {
        var reader = new ConfigurationReader(
            Stability.GenerallyAvailable, new ConfigurationFormat(), new HostInspection());

        var read = reader.Read([new SourceFile("c.alloy", $$"""
            cluster {
              broker = "amqp://rabbit"
              {{roles}}
            }
            loki.write "default" {
              endpoint { url = "http://loki:3100/loki/api/v1/push" }
            }
            """)]);

        Assert.Equal(expected, string.Join(' ', read.Findings.Select(finding => finding.Code)));
    }
}
