using Weir.Routing.Language;
using Weir.Routing.Stages;

namespace Weir.Routing.Tests.Stages;

public sealed class TemplateStageTests
{
    [Theory]
    [InlineData("{{ .Value }}", "v", "x=v")]
    [InlineData("{{ ToUpper .Value }}", "v", "x=V")]
    [InlineData("{{ .Value | upper }}-{{ .app }}", "v", "x=V-web")]
    [InlineData("{{ .x }}", "v", "x=v")]
    [InlineData("{{ .Entry }}", "v", "x=the line")]
    [InlineData("{{ .Value }} {{ .Entry }}", "", "x= the line")]
    [InlineData("text", "v", "x=text")]
    [InlineData("text", null, "x=text")]
    [InlineData("{{ .Value }}", null, "x=<no value>")]
    [InlineData("{{ .missing }}", "v", "x=<no value>")]
    [InlineData("{{ ToUpper .missing }}", "v", "x=v")]
    [InlineData("{{ ToUpper .Value }}", null, "x:nil")]
    [InlineData("", "v", "")]
    [InlineData("{{ .Value }}", "", "")]
    [InlineData("{{ if .Value }}yes{{ else }}no{{ end }}", "", "x=no")]
    [InlineData("{{ if eq .Value \"v\" }}yes{{ end }}", "v", "x=yes")]
    [InlineData("{{ if eq .Value \"v\" }}yes{{ end }}", "w", "")]
    [InlineData("{{ .Value }}", "\xc3\xa9", "x=\xc3\xa9")]
    [InlineData("{{ .Value }}", "a\xff", "x=a\xef\xbf\xbd")]
    [InlineData("{{ Replace .Value \"a\" \"b\" -1 }}", "aXa", "x=bXb")]
    [InlineData("{{ TrimPrefix .Value \"a\" }}", "aXa", "x=Xa")]
    [InlineData("{{ regexReplaceAll \"(\\\\d+)\" .Value \"<$1>\" }}", "a12", "x=a<12>")]
    [InlineData("{{ Sha2Hash \"salt\" .Value }}", "v",
        "x=10613d36c7aec798ebb5c9a69982cbe40592503271680b6a623791edf8870080")]
    public void A_value_is_made_of_the_others(string template, string? value, string after)
    {
        var rig = new StageRig(
            new Extract("x", value), new TemplateOptions { Source = "x", Template = template }, new Probe("x"));

        rig.One("the line", "app=web");

        Assert.Equal(after, rig.Probed);
    }

    [Theory]
    [InlineData("{{ .new }}", "new=<no value>")]
    [InlineData("{{ .app }}", "new=web")]
    [InlineData("{{ .k }}", "new=named")]
    [InlineData("{{ index . \"k\" }}", "new=named")]
    [InlineData("{{ index . \"app\" }}", "new=web")]
    [InlineData("{{ toJson . }}", "new={\"Entry\":\"k=named\",\"app\":\"web\",\"k\":\"named\"}")]
    [InlineData("{{ keys . }}", "new=[Entry app k]")]
    [InlineData("{{ . }}", "new=map[Entry:k=named app:web k:named]")]
    [InlineData("{{ range $k, $v := . }}{{ $k }}-{{ $v }},{{ end }}", "new=Entry-k=named,app-web,k-named,")]
    [InlineData("{{ env \"HOSTNAME\" }}", "new=box")]
    [InlineData("{{ now.UTC.Format \"2006-01-02T15:04:05Z07:00\" }}", "new=2023-11-14T22:13:20Z")]
    public void A_name_that_nothing_has_set_is_made_anew(string template, string after)
    {
        var rig = new StageRig(
            new LogfmtOptions { Regex = ".*" }, new TemplateOptions { Source = "new", Template = template },
            new Probe("new"));

        rig.One("k=named", "app=web");

        Assert.Equal(after, rig.Probed);
    }

    [Fact]
    public void The_map_holds_what_stages_have_set_and_the_value_and_nothing_without_text()
    {
        var rig = new StageRig(
            new Extract("x", "v"), new Extract("app", null), new TemplateOptions { Source = "x", Template = "{{ . }}" },
            new Probe("x"));

        rig.One("line", "app=web env=prod");

        Assert.Equal("x=map[Entry:line Value:v env:prod x:v]", rig.Probed);
    }

    [Fact]
    public void Each_line_gets_an_identifier_of_its_own()
    {
        var rig = new StageRig(
            new TemplateOptions { Source = "id", Template = "{{ uuidv4 }}" }, new OutputOptions { Source = "id" });

        string[] lines = [.. rig.Lines("a", "b", "c"), .. rig.Lines("a", "b", "c")];

        Assert.Equal(6, lines.Distinct().Count());
        Assert.All(lines, line => Assert.Equal(36, line.Length));
    }

    [Fact]
    public void A_label_is_overwritten_as_an_extracted_value_and_stays_a_label()
    {
        var rig = new StageRig(
            new TemplateOptions { Source = "app", Template = "{{ .Value }}2" }, new Probe("app"));

        var entry = rig.One("line", "app=web");

        Assert.Equal(("app=web2", "app=web"), (rig.Probed, entry.Labels));
    }

    [Fact]
    public void Failures_are_counted()
    {
        var rig = new StageRig(new TemplateOptions { Source = "x", Template = "{{ ToUpper .missing }}" });

        rig.Lines("a", "b");

        Assert.Equal(2, rig.Failed("template", "execution"));
    }

    [Theory]
    [InlineData("", "{{ .Value }}", "source")]
    [InlineData("x", "{{ .Value", "template")]
    [InlineData("x", "{{ nosuch .Value }}", "template")]
    [InlineData("x", "{{ if .Value }}", "template")]
    public void Arguments_that_cannot_work_are_refused(string source, string template, string argument)
    {
        var problems = new OptionProblems();

        new TemplateOptions { Source = source, Template = template }.Validate(problems);

        Assert.Equal(argument, Assert.Single(problems.Items).Name);
    }
}
