using Weir.Routing.Ports;

namespace Weir.Routing.Doctor;

/// <summary>Journals that this user may not read.</summary>
internal sealed class JournalAccessCheck(IHostInspection host) : IConfigurationCheck
{
    public void Examine(ConfigurationView configuration, Findings findings)
    {
        foreach (var source in configuration.Named("loki.source.journal"))
        {
            if (host.JournalProblem(source.Body.Text("path")) is not { } problem) continue;
            findings.Add("journal-access", source.Body.PlaceOf("path"),
                $"the journal cannot be read on this host: {problem}",
                "add Weir's user to the group systemd-journal; in a container, mount /var/log/journal and "
                + "/etc/machine-id");
        }
    }
}
