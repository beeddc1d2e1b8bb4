using Weir.Node.Agent;
using Weir.Routing.Language;

namespace Weir.Node.Tests.Doctor;

/// <summary>The config doctor looks through modules.</summary>
public sealed class ModuleFindingsTests
{
    private const string Pipe = """
        declare "pipe" {
          argument "to" { }
          loki.process "p" {
            forward_to = argument.to.value
            stage.labels { values = { trace_id = "" } }
          }
          export "in" { value = loki.process.p.receiver }
        }
        pipe "p" { to = [loki.write.w.receiver] }
        loki.write "w" {
          endpoint { url = "http://loki:3100/loki/api/v1/push" }
        }
        """;

    private static IEnumerable<string> Findings(string text)
    {
        var reader = new ConfigurationReader(
            Stability.Experimental, new ConfigurationFormat(), new HostInspection());
        return reader.Read([new SourceFile("m.alloy", text)]).Findings
            .Select(finding => $"{finding.Place.Line} {finding.Code}");
    }

    [Fact]
    public void A_pipeline_in_a_module_is_fed_through_its_exports() => Assert.Equal(
        ["5 label-cardinality"], Findings(Pipe + "\n" + """
            loki.source.file "f" {
              targets    = [{__path__ = "/etc/passwd"}]
              forward_to = [pipe.p.in]
            }
            """));

    [Fact]
    public void A_mistake_of_a_declaration_is_told_once() => Assert.Equal(
        ["5 label-cardinality"], Findings(Pipe + "\n" + """
            pipe "q" { to = [loki.write.w.receiver] }
            loki.source.file "f" {
              targets    = [{__path__ = "/etc/passwd"}]
              forward_to = [pipe.p.in, pipe.q.in]
            }
            """));

    [Fact]
    public void A_template_feeds_what_it_will_feed() => Assert.Equal(
        ["5 label-cardinality"], Findings(Pipe + "\n" + """
            discovery.file "d" { files = ["/none.json"] }
            foreach "t" {
              collection = discovery.file.d.targets
              var        = "each"
              template {
                loki.source.file "f" {
                  targets    = [each]
                  forward_to = [pipe.p.in]
                }
              }
            }
            """));

    [Fact]
    public void A_source_label_that_nobody_knows_before_the_start_is_no_finding() => Assert.Equal(
        [], Findings("""
            declare "named" {
              argument "name" { }
              argument "to" { }
              loki.relabel "r" {
                forward_to = argument.to.value
                rule {
                  source_labels = [argument.name.value]
                  target_label  = "app"
                }
              }
              export "in" { value = loki.relabel.r.receiver }
            }
            local.file "name" { filename = "/etc/passwd" }
            named "n" {
              name = local.file.name.content
              to   = [loki.write.w.receiver]
            }
            loki.source.file "f" {
              targets    = [{__path__ = "/etc/passwd"}]
              forward_to = [named.n.in]
            }
            loki.write "w" {
              endpoint { url = "http://loki:3100/loki/api/v1/push" }
            }
            """));
}
