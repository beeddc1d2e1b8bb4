using System.Text.Json;
using Weir.Node.Commands;
using Weir.Node.Tests.Commands;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Doctor;

/// <summary>Configurations as people write them, and all that <c>weir validate</c> says about each, to the letter.
/// </summary>
public sealed class BrokenConfigurationTests : CommandTrial
{
    private static readonly string Cases = Path.Combine(AppContext.BaseDirectory, "Doctor", "Broken");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Cases, "*.txt")
        .Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Every_mistake_is_told_with_place_caret_cause_and_remedy(string name)
    {
        var (configuration, extra) = name.StartsWith("promtail", StringComparison.Ordinal)
            ? ($"{name}.yaml", "--config.format=promtail") : ($"{name}.alloy", "--format=text");

        await ValidateAsync(configuration, extra);

        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Cases, $"{name}.txt")), Said());
        Assert.DoesNotContain("hunter2", Said(), StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_ten_of_them() => Assert.True(Names.Count >= 10);

    [Fact]
    public async Task Json_has_the_same_findings_with_their_codes()
    {
        var code = await ValidateAsync("03-exploding-labels.alloy", "--format=json");

        var answer = JsonDocument.Parse(Output.ToString()).RootElement;
        var first = answer.GetProperty("findings")[0];
        Assert.Equal(0, code);
        Assert.True(answer.GetProperty("valid").GetBoolean());
        Assert.Equal(5, answer.GetProperty("warnings").GetInt32());
        Assert.Equal(5, answer.GetProperty("findings").GetArrayLength());
        Assert.Equal("label-cardinality", first.GetProperty("code").GetString());
        Assert.Equal("warning", first.GetProperty("severity").GetString());
        Assert.Equal(14, first.GetProperty("line").GetInt32());
        Assert.Equal(7, first.GetProperty("column").GetInt32());
        Assert.Contains("request_id", first.GetProperty("cause").GetString(), StringComparison.Ordinal);
        Assert.Contains("structured_metadata", first.GetProperty("remedy").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("02-template-as-pattern.alloy")]
    [InlineData("05-secrets-and-duplicates.alloy")]
    public async Task Json_holds_no_credential(string configuration)
    {
        await ValidateAsync(configuration, "--format=json");

        Assert.Contains("plain-secret", Output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_printed_for_what_cannot_be_read_too()
    {
        var code = await ValidateAsync("absent.alloy", "--format=json");

        var answer = JsonDocument.Parse(Output.ToString()).RootElement;
        Assert.Equal(1, code);
        Assert.False(answer.GetProperty("valid").GetBoolean());
        Assert.Equal("unreadable", answer.GetProperty("findings")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task What_comes_from_variables_that_are_not_set_here_is_not_checked()
    {
        var folder = Directory.CreateTempSubdirectory("weir-doctor-").FullName;
        var file = Path.Combine(folder, "c.alloy");
        await File.WriteAllTextAsync(file, """
            tracing {
              write_to = []
              sampler {
                jaeger_remote { url = "http://sampling:5778" }
              }
            }
            loki.write "w" {
              external_labels = { host = coalesce(sys.env("WEIR_TEST_A"), constants.hostname) }
              endpoint {
                url       = sys.env("WEIR_TEST_B") + "/loki/api/v1/push"
                tenant_id = env("HOSTNAME")
              }
              endpoint { url = coalesce(sys.env("WEIR_TEST_C"), "http://logs:3100/") }
            }
            """);

        var code = await ValidateAsync(file);
        Directory.Delete(folder, recursive: true);

        Assert.Equal(0, code);
        Assert.Contains("c.alloy:10:17: warning: the environment variable WEIR_TEST_B is not set on this host",
            Said(), StringComparison.Ordinal);
        Assert.Contains("c.alloy:13:20: warning: the url's path is /", Said(), StringComparison.Ordinal);
        Assert.Contains("2 components, 3 warnings", Said(), StringComparison.Ordinal); // nothing sends to it
    }

    private string Said() =>
        (Errors.ToString() + Output).Replace(Cases + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);

    private Task<int> ValidateAsync(string name, params string[] options) =>
        InvokeAsync([ValidateCommand.Create(new ScriptedHost())], ["validate", Path.Combine(Cases, name), .. options]);

    /// <summary>A host with Docker's usual socket and a few log files, on which nobody may read the journal.</summary>
    private sealed class ScriptedHost : IHostInspection
    {
        public string? SocketProblem(string path) =>
            path == "/var/run/docker.sock" ? null : $"there is no {path}";

        public string? JournalProblem(string folder) => "user weir may not read /var/log/journal";

        public bool HasVariable(string name) => !name.StartsWith("WEIR_TEST_", StringComparison.Ordinal);

        public int? CountFiles(string glob) => glob switch
        {
            "/var/log/*.log" or "/var/log/app.log" => 3,
            _ => glob.StartsWith('/') ? 0 : null,
        };
    }
}
