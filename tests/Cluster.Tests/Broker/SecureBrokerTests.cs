using Weir.Routing.Components.Http;
using Weir.Routing.Language;

namespace Weir.Cluster.Tests.Broker;

/// <summary>Brokers over TLS, and with users of their own.</summary>
[Collection(BrokerCollection.Name)]
public sealed class SecureBrokerTests(BrokerFixture fixture)
{
    [Fact]
    public async Task A_broker_is_reached_over_tls_by_the_authority_that_is_configured()
    {
        await using var client = fixture.Connect(options => options with
        {
            Brokers = [options.Brokers[0] with { IsTls = true, Port = fixture.Server.TlsPort }],
            Tls = new TlsOptions { CaFile = fixture.Server.AuthorityPath },
        });

        await client.FillAsync(fixture.NewQueue(), 3);

        Assert.Equal($"127.0.0.1:{fixture.Server.TlsPort}", client.Broker.Status.Node);
    }

    [Fact]
    public async Task A_broker_that_nobody_vouches_for_is_refused_with_what_to_do()
    {
        await using var client = fixture.Connect(options => options with
        {
            Brokers = [options.Brokers[0] with { IsTls = true, Port = fixture.Server.TlsPort }],
        });

        await client.UntilAsync(status => status.LastError.Contains("TLS", StringComparison.Ordinal), "a TLS failure");

        Assert.Contains("check tls_config", client.Broker.Status.LastError, StringComparison.Ordinal);
        Assert.False(client.Broker.Status.IsConnected);
    }

    [Fact]
    public async Task The_password_of_a_file_that_changes_is_used_by_the_next_connection()
    {
        await fixture.Server.ControlAsync("add_user", "keeper", "second-password");
        await fixture.Server.ControlAsync("set_permissions", "keeper", ".*", ".*", ".*");
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "first-password\n");
        await using var client = fixture.Connect(options => options with
        {
            Brokers = [options.Brokers[0] with { Username = "", Password = new Secret("") }],
            Username = "keeper",
            PasswordFile = file,
        });
        await client.UntilAsync(status => status.LastError.Contains("password", StringComparison.Ordinal), "a refusal");

        await File.WriteAllTextAsync(file, "second-password\n");
        await client.UntilAsync(status => status.IsConnected, "a connection");

        File.Delete(file);
        Assert.DoesNotContain(client.Log.Lines, line => line.Contains("-password", StringComparison.Ordinal));
    }
}
