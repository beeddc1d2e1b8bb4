namespace Weir.Routing.Promtail;

/// <summary>The sources other than files and containers.</summary>
internal sealed partial class JobConverter
{
    private static readonly IReadOnlyList<string> RelabelledSources =
    [
        "journal", "syslog", "loki_push_api", "kafka", "gelf", "heroku_drain", "gcplog", "azure_event_hubs",
    ];

    private void AddOtherSources()
    {
        AddJournal();
        AddSyslog();
        if (AddByFields("loki_push_api", "loki.source.api", SourceFields.Push) is { } push)
            Diagnostics.Warning(push.Place,
                "loki_push_api: raw lines are taken at /loki/api/v1/raw, not at /promtail/api/v1/raw",
                "change the path where senders use it");
        AddWindowsEvents();
        AddKafka();
        AddByFields("gelf", "loki.source.gelf", SourceFields.Gelf);
        AddCloudflare();
        AddByFields("heroku_drain", "loki.source.heroku", SourceFields.Heroku);
        AddGcplog();
        AddAzureEventHubs();
    }

    private (Section Section, AlloyBlock Source)? Begin(string field, string component, bool hasRules = true)
    {
        if (job.Sub(field) is not { } section) return null;
        _hasSource = true;
        var source = Add(component);
        source.Set("forward_to", _forwardTo);
        if (hasRules && _rules is not null) source.Set("relabel_rules", _rules.Export("rules"));
        return (section, source);
    }

    private Section? AddByFields(string field, string component, IReadOnlyList<Field> fields)
    {
        if (Begin(field, component) is not var (section, source)) return null;
        section.CopyAll(fields, source);
        return section;
    }

    private void AddJournal()
    {
        if (Begin("journal", "loki.source.journal") is not var (section, source)) return;
        section.CopyAll(SourceFields.Journal, source);
        var position = source.Add("legacy_position");
        position.Set("file", Literal.Text(surroundings.PositionsFile));
        position.Set("name", Literal.Text(name));
    }

    private void AddSyslog()
    {
        if (Begin("syslog", "loki.source.syslog") is not var (section, source)) return;
        section.CopyAll(SourceFields.Syslog, source.Add("listener"));
    }

    private bool OnlyReadsWindowsEvents => job.Find("windows_events") is not null && _fileTargets.Count == 0
        && _engines.Count == 0 && RelabelledSources.All(source => job.Find(source) is null);

    // This source takes no rules; its entries pass through a component that has them.
    private void AddWindowsEvents()
    {
        if (job.Sub("windows_events") is not { } section) return;
        _hasSource = true;
        var forwardTo = _forwardTo;
        if (job.Subs("relabel_configs").Count > 0)
        {
            var relabel = Add("loki.relabel");
            relabel.Set("forward_to", _forwardTo);
            AddRules(relabel);
            forwardTo = $"[{relabel.Export("receiver")}]";
        }
        var source = Add("loki.source.windowsevent");
        source.Set("forward_to", forwardTo);
        section.CopyAll(SourceFields.WindowsEvents, source);
    }

    private void AddKafka()
    {
        if (Begin("kafka", "loki.source.kafka") is not var (section, source)) return;
        section.Copy(SourceFields.Kafka, source);
        if (section.Sub("authentication") is { } authentication)
        {
            var block = new AlloyBlock("authentication");
            authentication.Copy(
                [new("type", FieldKind.Word) { Default = "none", Words = ["none", "ssl", "sasl"] },
                HttpClientFields.TlsConfig], block);
            if (authentication.Sub("sasl_config") is { } sasl)
            {
                var saslBlock = block.Add("sasl_config");
                sasl.Copy(SourceFields.KafkaSasl, saslBlock);
                var tls = new AlloyBlock("tls_config");
                sasl.CopyAll(HttpClientFields.Tls, tls);
                if (!tls.IsEmpty) saslBlock.Add(tls);
            }
            authentication.Finish();
            if (!block.IsEmpty) source.Add(block);
        }
        section.Finish();
    }

    // loki.source.gelf takes no labels, so that rules set them before the others run.
    private IReadOnlyList<(string Key, string Text)> GelfLabels() =>
        job.Find("gelf") is { Value: YamlMap } ? job.Sub("gelf")?.Pairs("labels", areLabels: true) ?? [] : [];

    // Promtail applies no rules to these entries.
    private void AddCloudflare()
    {
        if (Begin("cloudflare", "loki.source.cloudflare", hasRules: false) is not var (section, source)) return;
        section.CopyAll(SourceFields.Cloudflare, source);
    }

    private void AddGcplog()
    {
        if (Begin("gcplog", "loki.source.gcplog") is not var (section, source)) return;
        var type = section.Text("subscription_type") ?? "";
        if (type is not ("" or "pull" or "push"))
            Diagnostics.Error(section.Place, "gcplog.subscription_type is neither pull nor push");
        else if (type == "push") section.CopyAll(SourceFields.GcplogPush, source.Add("push"));
        else section.CopyAll(SourceFields.GcplogPull, source.Add("pull"));
    }

    private void AddAzureEventHubs()
    {
        if (Begin("azure_event_hubs", "loki.source.azure_event_hubs") is not var (section, source)) return;
        section.Copy(SourceFields.AzureEventHubs, source);
        var authentication = source.Add("authentication");
        authentication.Set("mechanism", Literal.Text("connection_string"));
        authentication.Set("connection_string", Literal.Text(section.RequiredText("connection_string") ?? ""));
        section.Finish();
    }
}
