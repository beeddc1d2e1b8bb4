using Weir.Routing.Language;

namespace Weir.Routing.Tests.Language;

/// <summary>What real configurations carry although the language does not have it.</summary>
public sealed class MenderTests
{
    private static (BodySyntax Body, DiagnosticBag Found) Mend(string text)
    {
        var found = new DiagnosticBag();
        var tree = Assert.Single(Mender.Mend([Parser.Parse(new SourceFile("c.alloy", text))], found));
        return (tree.Body, found);
    }

    [Fact]
    public void What_is_not_concerned_stays_the_same_object()
    {
        var tree = Parser.Parse(new SourceFile("c.alloy", SyntaxFuzzTests.Valid));

        var mended = Mender.Mend([tree], new DiagnosticBag());

        Assert.Same(tree.Body, Assert.Single(mended).Body);
    }

    [Fact]
    public void A_server_block_is_left_out_and_the_flag_that_does_its_work_is_named()
    {
        var (body, found) = Mend("""
            server {
              http_listen_address = "10.0.0.1"
              http { listen_port = 9080 }
              grpc { listen_port = 9095 }
            }
            """);

        var warning = Assert.Single(found.Items);
        Assert.Empty(body.Statements);
        Assert.Equal(DiagnosticSeverity.Warning, warning.Severity);
        Assert.Equal("remove it; start weir with --server.http.listen-addr=10.0.0.1:9080", warning.Hint);
    }

    [Fact]
    public void A_docker_source_without_targets_takes_all_containers_of_its_engine()
    {
        var (body, found) = Mend("""
            loki.source.docker "all" {
              host          = sys.env("DOCKER")
              relabel_rules = loki.relabel.mine.rules
              forward_to    = []
            }
            """);

        var blocks = body.Blocks.ToList();
        Assert.Equal(["discovery.docker", "discovery.relabel", "loki.relabel", "loki.source.docker"],
            blocks.Select(block => block.Name));
        Assert.Equal("sys.env(\"DOCKER\")", blocks[0].Body.Attributes.Single().Value.Place.Text.ToString());
        Assert.Equal(["host", "relabel_rules", "forward_to", "targets"],
            blocks[3].Body.Attributes.Select(attribute => attribute.Name));
        Assert.Equal("docker-without-targets", Assert.Single(found.Items).Code);
        Assert.False(found.HasErrors);
    }

    [Fact]
    public void Where_containers_are_discovered_already_the_targets_have_to_be_named()
    {
        var (_, found) = Mend("""
            discovery.docker "some" { host = "unix:///var/run/docker.sock" }
            loki.source.docker "all" {
              host       = "unix:///var/run/docker.sock"
              forward_to = []
            }
            """);

        var error = Assert.Single(found.Items);
        Assert.True(found.HasErrors);
        Assert.Equal("say which containers are meant: targets = discovery.docker.NAME.targets", error.Hint);
    }

    [Fact]
    public void Promtail_s_names_are_taken_for_those_of_the_language_also_in_modules()
    {
        var (body, found) = Mend("""
            declare "module" {
              loki.write "w" {
                labels = {host = "a"}
                endpoint { batchwait = "2s" }
              }
            }
            """);

        var write = body.Blocks.Single().Body.Blocks.Single();
        Assert.Equal("external_labels", write.Body.Attributes.Single().Name);
        Assert.Equal("batch_wait", write.Body.Blocks.Single().Body.Attributes.Single().Name);
        Assert.Equal(2, found.Items.Count);
        Assert.False(found.HasErrors);
    }

    [Fact]
    public void Every_entry_of_the_table_has_a_remedy_and_stands_there_once()
    {
        var all = ForeignStatement.All;

        Assert.All(all, entry => Assert.NotEmpty(entry.Hint));
        Assert.Equal(all.Count, all.Select(entry => (entry.Block, entry.Name)).Distinct().Count());
    }
}
