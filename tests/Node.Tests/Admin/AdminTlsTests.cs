using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Node.Admin;
using Weir.Routing.Language;

namespace Weir.Node.Tests.Admin;

public sealed class AdminTlsTests : IDisposable
{
    private readonly X509Certificate2 _authority = Issue("CN=weir test authority", null);

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task The_listener_speaks_TLS_with_the_configured_certificate()
    {
        await using var rig = await StartAsync(Options());
        using var client = Client(rig.Address, null);

        var answer = await client.GetStringAsync("/-/ready");

        Assert.Equal("https", rig.Address.Scheme);
        Assert.Equal("Weir is ready.\n", answer);
    }

    [Theory]
    [InlineData("RequireAndVerifyClientCert", "", false)]
    [InlineData("RequireAndVerifyClientCert", "ours", true)]
    [InlineData("RequireAndVerifyClientCert", "foreign", false)]
    [InlineData("VerifyClientCertIfGiven", "", true)]
    [InlineData("VerifyClientCertIfGiven", "foreign", false)]
    [InlineData("RequireAnyClientCert", "", false)]
    [InlineData("RequireAnyClientCert", "foreign", true)]
    [InlineData("RequestClientCert", "", true)]
    public async Task Clients_are_asked_for_certificates_as_configured(string kind, string given, bool passes)
    {
        await using var rig = await StartAsync(Options() with
        {
            ClientAuthType = kind, ClientCaPem = _authority.ExportCertificatePem(),
        });
        using var certificate = given.Length == 0 ? null : Issue("CN=client", given == "ours" ? _authority : null);
        using var client = Client(rig.Address, certificate);

        var fault = await Record.ExceptionAsync(() => client.GetStringAsync("/-/ready"));

        Assert.True(fault is null == passes, $"{kind} with \"{given}\": {fault}");
    }

    [Fact]
    public void A_key_that_does_not_fit_is_an_error_that_shows_nothing_of_it()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = other.ExportPkcs8PrivateKeyPem();

        var mismatch = Assert.Throws<IOException>(() => AdminTls.Load(Options() with { KeyPem = new Secret(key) }));
        var garbage = Assert.Throws<IOException>(
            () => AdminTls.Load(Options() with { KeyPem = new Secret("garbage") }));
        var missing = Assert.Throws<DirectoryNotFoundException>(() => AdminTls.Load(Options() with
        {
            CertPem = "", CertFile = "/nonexistent/cert.pem",
        }));

        Assert.Contains("http.tls", mismatch.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('\n')[1], mismatch.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("garbage", garbage.ToString(), StringComparison.Ordinal);
        Assert.Contains("/nonexistent/cert.pem", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("TLS12", "TLS13", true)]
    [InlineData("TLS13", "TLS12", false)]
    [InlineData("", "TLS11", false)]
    [InlineData("TLS14", "", false)]
    public void Versions_are_a_range(string least, string most, bool isRange) =>
        Assert.Equal(isRange, AdminTls.TryParseVersions(least, most, out _));

    private HttpTlsOptions Options()
    {
        using var certificate = Issue("CN=127.0.0.1", _authority);
        using var key = certificate.GetECDsaPrivateKey()!;
        return new HttpTlsOptions
        {
            CertPem = certificate.ExportCertificatePem() + "\n" + _authority.ExportCertificatePem(),
            KeyPem = new Secret(key.ExportPkcs8PrivateKeyPem()),
        };
    }

    private static Task<AdminRig> StartAsync(HttpTlsOptions options) => AdminRig.StartAsync(
        new AdminAccess(new HttpBlockOptions { Tls = options }),
        new HealthRoutes(() => true, () => [], _ => Task.FromResult<IReadOnlyList<string>>([])));

    private HttpClient Client(Uri address, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, server, _, _) =>
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(_authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build((X509Certificate2)server!);
        };
        if (certificate is not null) handler.SslOptions.ClientCertificates = [certificate];
        return new HttpClient(handler) { BaseAddress = address, DefaultRequestVersion = HttpVersion.Version11 };
    }

    /// <summary>A certificate with its key; signed by itself, and an authority, where there is no issuer.</summary>
    private static X509Certificate2 Issue(string subject, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, true));
        var (from, to) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        if (issuer is null) return request.CreateSelfSigned(from, to);
        using var issued = request.Create(issuer, from, to.AddHours(-1), RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
