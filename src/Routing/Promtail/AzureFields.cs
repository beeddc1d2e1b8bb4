using static Weir.Routing.Promtail.FieldKind;

namespace Weir.Routing.Promtail;

/// <summary>Azure's discovery: its credentials stand in blocks of their own in the configuration language.</summary>
internal static class AzureFields
{
    public static readonly IReadOnlyList<Field> Discovery =
    [
        new("environment", Text) { Default = "AzurePublicCloud" }, new("subscription_id", Text),
        new("resource_group", Text), new("port", Integer) { Default = "80" },
        new("refresh_interval", LongDuration) { Default = "5m" }, .. HttpClientFields.All,
        new("authentication_method", Needless), new("tenant_id", Needless), new("client_id", Needless),
        new("client_secret", Needless),
    ];

    /// <summary>The block that goes with <c>authentication_method</c>.</summary>
    public static void CopyCredentials(Section section, AlloyBlock discovery)
    {
        var method = section.Text("authentication_method") ?? "OAuth";
        if (string.Equals(method, "SDK", StringComparison.OrdinalIgnoreCase))
        {
            section.Diagnostics.Error(section.Place, "discovery.azure has no authentication_method SDK",
                "use OAuth or ManagedIdentity");
            return;
        }
        var isManaged = string.Equals(method, "ManagedIdentity", StringComparison.OrdinalIgnoreCase);
        Field[] oauth = [new("client_id", Text), new("tenant_id", Text), new("client_secret", Text)];
        Field[] managed = [new("client_id", Text)];
        var block = discovery.Add(isManaged ? "managed_identity" : "oauth");
        section.Copy(isManaged ? managed : oauth, block);
    }
}
