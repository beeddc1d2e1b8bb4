using Weir.Routing.Language;

namespace Weir.Routing.Promtail;

/// <summary>Converts one scrape configuration: its discoveries, its rules, its stages, its sources.</summary>
internal sealed partial class JobConverter(Section job, string name, Surroundings surroundings)
{
    private const string HostLabel = "__host__";

    // Labels are written out for each target of a list: both are short in all that is meant.
    private const int TargetLabelsMax = 100_000;

    private static readonly IReadOnlyList<Field> Decompression =
    [
        new("enabled", FieldKind.Flag) { Otherwise = "false" },
        new("format", FieldKind.Word) { IsRequired = true, Words = ["gz", "z", "bz2"] },
        new("initial_delay", FieldKind.Duration) { Default = "0s" },
    ];

    private static readonly IReadOnlyList<Field> FileFields =
        [new("encoding", FieldKind.Text), new("decompression", FieldKind.Block) { Fields = Decompression }];

    private readonly string _label = AlloyFile.LabelOf(name);
    private readonly List<AlloyBlock> _blocks = [];
    private readonly List<string> _fileTargets = [];
    private readonly List<(AlloyBlock Discovery, Section Section)> _engines = [];
    private AlloyBlock? _rules;
    private string _forwardTo = surroundings.ForwardTo;
    private bool _hasSource;

    private DiagnosticBag Diagnostics => surroundings.Diagnostics;

    /// <summary>Appends the job's components to the file.</summary>
    public void Convert()
    {
        ReadDiscoveries();
        ReadEngines();
        ReadRules();
        ReadStages();
        AddFileSource();
        AddOtherSources();
        AddContainerSources();
        job.Finish();
        if (!_hasSource)
            Diagnostics.Error(job.Place, $"scrape config \"{name}\" reads nothing",
                "add static_configs, docker_sd_configs, journal, syslog or another source");
        if (_blocks.Count > 0) _blocks[0].Comment($"From scrape config \"{name}\".");
        foreach (var block in _blocks) surroundings.File.Append(block);
    }

    private AlloyBlock Add(string component)
    {
        var block = surroundings.File.Create(component, _label);
        _blocks.Add(block);
        return block;
    }

    private void ReadDiscoveries()
    {
        foreach (var (field, component, fields) in DiscoveryFields.OfFiles)
        {
            foreach (var section in job.Subs(field))
            {
                var discovery = Add(component);
                section.Copy(fields, discovery);
                if (component == "discovery.azure") AzureFields.CopyCredentials(section, discovery);
                if (component == "discovery.kubernetes") AddNodeSelector(section, discovery);
                section.Finish();
                _fileTargets.Add(discovery.Export("targets"));
            }
        }
        var targets = new List<string>();
        foreach (var section in job.Subs("static_configs")) AddStaticTargets(section, targets);
        if (targets.Count > 0) _fileTargets.Add(Literal.Lines(targets));
    }

    // Without one, every node of a cluster would read the targets of all: their files are found on one only.
    private static void AddNodeSelector(Section section, AlloyBlock discovery)
    {
        if (section.Find("selectors") is not null) return;
        if (section.Text("role") is not ("pod" or "endpoints" or "endpointslice")) return;
        var selector = discovery.Add("selectors");
        selector.Set("role", Literal.Text("pod"));
        selector.Set("field",
            "\"spec.nodeName=\" + coalesce(sys.env(\"HOSTNAME\"), constants.hostname)");
    }

    private void AddStaticTargets(Section section, List<string> targets)
    {
        var addresses = section.Find("targets") is { } entry ? section.TextsOf(entry.Value, "targets") ?? [] : [];
        var labels = section.Pairs("labels", areLabels: true) ?? [];
        section.Finish();
        if (addresses.Count == 0) addresses = ["localhost"];
        if ((long)addresses.Count * (labels.Count + 1) > TargetLabelsMax)
        {
            Diagnostics.Error(section.Place, $"{addresses.Count} targets with {labels.Count} labels each are too many",
                "one target is enough: it only needs to be localhost");
            return;
        }
        foreach (var address in addresses)
            targets.Add(Literal.TextMap(
                [("__address__", address), .. labels.Where(label => label.Key != "__address__")]));
        if (!labels.Any(label => label.Key == "__path__") && job.Find("relabel_configs") is null)
            Diagnostics.Warning(section.Place, "this target has no __path__, so that nothing is read for it",
                "add the label __path__ with the path, or a glob, of the files");
    }

    private void ReadEngines()
    {
        foreach (var section in job.Subs("docker_sd_configs"))
        {
            var discovery = Add("discovery.docker");
            section.CopyAll(DiscoveryFields.Docker, discovery);
            _engines.Add((discovery, section));
        }
    }

    private void ReadRules()
    {
        var gelfLabels = GelfLabels();
        if ((job.Subs("relabel_configs").Count == 0 && gelfLabels.Count == 0) || OnlyReadsWindowsEvents) return;
        _rules = Add("discovery.relabel");
        _rules.Set("targets", _fileTargets.Count == 0 ? "[]" : TargetsExpression());
        foreach (var (label, value) in gelfLabels) RelabelFields.AddConstant(_rules, label, value);
        AddRules(_rules);
    }

    private void AddRules(AlloyBlock component)
    {
        var rules = job.Subs("relabel_configs");
        foreach (var rule in rules) rule.CopyAll(RelabelFields.Rule, component.Add("rule"));
        if (rules.Any(rule => rule.Text("target_label") == HostLabel) && _fileTargets.Count > 0) AddHostRule(component);
    }

    // Promtail reads no target whose __host__ is another host.
    private static void AddHostRule(AlloyBlock rules)
    {
        var rule = rules.Add("rule");
        rule.Set("source_labels", Literal.Texts([HostLabel]));
        rule.Set("regex", "\"|\" + coalesce(sys.env(\"HOSTNAME\"), constants.hostname)");
        rule.Set("action", Literal.Text("keep"));
    }

    private void ReadStages()
    {
        var stages = job.Items("pipeline_stages");
        if (stages.Count == 0) return;
        var process = Add("loki.process");
        process.Set("forward_to", _forwardTo);
        StageConverter.Convert(stages, process, Diagnostics);
        _forwardTo = $"[{process.Export("receiver")}]";
    }

    private void AddFileSource()
    {
        if (_fileTargets.Count == 0)
        {
            foreach (var field in FileFields)
                if (job.Find(field.Name) is { } entry)
                    Diagnostics.Warning(entry.Key.Place, $"{field.Name} has no effect: this job reads no files");
            return;
        }
        _hasSource = true;
        var source = Add("loki.source.file");
        source.Set("targets", _rules?.Export("output") ?? TargetsExpression());
        source.Set("forward_to", _forwardTo);
        job.Copy([FileFields[0]], source);
        source.Set("legacy_positions_file", Literal.Text(surroundings.PositionsFile));
        var match = source.Add("file_match");
        match.Set("enabled", "true");
        if (surroundings.SyncPeriod is { } period) match.Set("sync_period", period);
        job.Copy([FileFields[1]], source);
        if (!surroundings.FileWatch.IsEmpty) source.Add(surroundings.FileWatch);
    }

    private string TargetsExpression() => _fileTargets.Count == 1
        ? _fileTargets[0] : $"array.concat(\n{string.Join(",\n", _fileTargets)},\n)";

    private void AddContainerSources()
    {
        foreach (var (discovery, section) in _engines)
        {
            _hasSource = true;
            var source = Add("loki.source.docker");
            source.Set("host", Literal.Text(section.Text("host") ?? ""));
            source.Set("targets", discovery.Export("targets"));
            source.Set("forward_to", _forwardTo);
            if (_rules is not null) source.Set("relabel_rules", _rules.Export("rules"));
            section.Copy(DiscoveryFields.DockerRefresh, source);
            source.Set("legacy_positions_file", Literal.Text(surroundings.PositionsFile));
            var client = new AlloyBlock("http_client_config");
            section.Copy(HttpClientFields.All, client);
            if (!client.IsEmpty) source.Add(client);
        }
    }
}
