using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;
using Weir.Routing.Language;
using Weir.Routing.Ports;

namespace Weir.Node.Tests.Http;

public sealed class TlsTests : IDisposable
{
    private static readonly IReadOnlyList<ReadOnlyMemory<byte>> Body = [new byte[100_000]];

    private readonly string _directory = Directory.CreateTempSubdirectory("weir-tls-").FullName;
    private readonly X509Certificate2 _authority = Authority();

    [Theory]
    [InlineData(true, "HTTP/2")]
    [InlineData(false, "HTTP/1.1")]
    public async Task A_server_of_a_trusted_authority_is_spoken_to_in_HTTP_2_where_allowed(bool http2, string protocol)
    {
        await using var server = await StartAsync();
        using var client = LokiPushClientTests.Client(server.Url, new() { EnableHttp2 = http2, Tls = Trusting() });

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal(new PushAnswer(PushOutcome.Answered, 204, default, ""), answer);
        Assert.Equal((protocol, 100_000), (server.Seen.First().Protocol, server.Seen.First().Body.Length));
    }

    [Fact]
    public async Task An_unknown_authority_or_a_wrong_name_sends_nothing_unless_verification_is_skipped()
    {
        await using var server = await StartAsync();
        await using var misnamed = await StartAsync("elsewhere.example");
        using var unknown = LokiPushClientTests.Client(server.Url);
        using var wrong = LokiPushClientTests.Client(misnamed.Url, new() { Tls = Trusting() });
        using var skipping = LokiPushClientTests.Client(
            misnamed.Url, new() { Tls = new() { InsecureSkipVerify = true } });

        PushAnswer[] answers =
        [
            await unknown.PushAsync(Body, "", default), await wrong.PushAsync(Body, "", default),
            await skipping.PushAsync(Body, "", default),
        ];

        Assert.Equal(
            [PushOutcome.NotSent, PushOutcome.NotSent, PushOutcome.Answered], answers.Select(answer => answer.Outcome));
    }

    [Fact]
    public async Task The_server_is_asked_for_and_must_state_the_configured_name()
    {
        var asked = "";
        await using var server = await LoopbackServer.StartAsync(https: https =>
        {
            var certificate = Issue("elsewhere.example");
            https.ServerCertificateSelector = (_, name) =>
            {
                asked = name;
                return certificate;
            };
        });
        using var client = LokiPushClientTests.Client(
            server.Url, new() { Tls = Trusting() with { ServerName = "elsewhere.example" } });

        var answer = await client.PushAsync(Body, "", default);

        Assert.Equal((204, ""), (answer.Status, answer.Detail));
        Assert.Equal("elsewhere.example", asked);
    }

    [Fact]
    public async Task The_client_shows_its_certificate_and_the_new_one_after_a_change()
    {
        var shown = new List<string>();
        await using var server = await LoopbackServer.StartAsync(https: https =>
        {
            https.ServerCertificate = Issue("localhost");
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (certificate, _, _) =>
            {
                lock (shown) shown.Add(certificate.Subject);
                return true;
            };
        });
        var (certificate, key) = (Path.Combine(_directory, "cert.pem"), Path.Combine(_directory, "key.pem"));
        var tls = Trusting() with { CertificateFile = certificate, KeyFile = key };
        foreach (var name in new[] { "one", "two" })
        {
            using var issued = Issue(name);
            await File.WriteAllTextAsync(certificate, issued.ExportCertificatePem());
            await File.WriteAllTextAsync(key, issued.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
            using var client = LokiPushClientTests.Client(server.Url, new() { Tls = tls });
            Assert.Equal(204, (await client.PushAsync(Body, "", default)).Status);
        }

        using var issuedInline = Issue("three");
        var inline = Trusting() with
        {
            CertificatePem = issuedInline.ExportCertificatePem(),
            KeyPem = new Secret(issuedInline.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
        };
        using var third = LokiPushClientTests.Client(server.Url, new() { Tls = inline });
        Assert.Equal(204, (await third.PushAsync(Body, "", default)).Status);
        using var without = LokiPushClientTests.Client(server.Url, new() { Tls = Trusting() });
        var refused = await without.PushAsync(Body, "", default);

        Assert.NotEqual(PushOutcome.Answered, refused.Outcome);
        Assert.Equal(["CN=one", "CN=two", "CN=three"], shown);
    }

    [Fact]
    public void A_certificate_that_cannot_be_read_is_an_error_of_the_configuration()
    {
        var gone = Assert.Throws<ComponentException>(() =>
            LokiPushClientTests.Client(
                new("https://localhost/"), new() { Tls = new() { CaFile = "/no/such/ca.pem" } }));
        var empty = Assert.Throws<ComponentException>(() =>
            LokiPushClientTests.Client(new("https://localhost/"), new() { Tls = new() { CaPem = "nothing" } }));

        Assert.Contains("/no/such/ca.pem", gone.Message);
        Assert.Contains("no certificate", empty.Message);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private Task<LoopbackServer> StartAsync(string name = "localhost") =>
        LoopbackServer.StartAsync(https: https => https.ServerCertificate = Issue(name));

    private TlsOptions Trusting() => new() { CaPem = _authority.ExportCertificatePem() };

    internal static X509Certificate2 SelfSigned()
    {
        using var authority = Authority();
        return X509CertificateLoader.LoadPkcs12(authority.Export(X509ContentType.Pfx), null);
    }

    private static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=weir test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private X509Certificate2 Issue(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var serial = RandomNumberGenerator.GetBytes(8);
        var signed = request.Create(
            _authority, DateTimeOffset.UnixEpoch, new(2099, 1, 1, 0, 0, 0, TimeSpan.Zero), serial);
        return X509CertificateLoader.LoadPkcs12(signed.CopyWithPrivateKey(key).Export(X509ContentType.Pfx), null,
            X509KeyStorageFlags.Exportable);
    }
}
