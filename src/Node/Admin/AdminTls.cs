using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Weir.Node.Admin;

/// <summary>TLS of the admin listener, from the <c>http.tls</c> block.</summary>
internal static class AdminTls
{
    private static readonly string[] VersionNames = ["TLS10", "TLS11", "TLS12", "TLS13"];

#pragma warning disable SYSLIB0039, CA5397, CA5398 // the operator's file asks for these versions by name
    private static readonly SslProtocols[] Versions =
        [SslProtocols.Tls, SslProtocols.Tls11, SslProtocols.Tls12, SslProtocols.Tls13];
#pragma warning restore SYSLIB0039, CA5397, CA5398

    /// <exception cref="IOException">A certificate or key cannot be read, is malformed, or they do not
    /// match.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read a file.</exception>
    public static HttpsConnectionAdapterOptions Load(HttpTlsOptions options)
    {
        _ = TryParseClientAuth(options.ClientAuthType, out var mode, out var verify);
        _ = TryParseVersions(options.MinVersion, options.MaxVersion, out var protocols);
        try
        {
            var pem = options.CertPem.Length > 0 ? options.CertPem : File.ReadAllText(options.CertFile);
            var key = options.KeyPem.IsEmpty ? File.ReadAllText(options.KeyFile) : options.KeyPem.Reveal();
            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(pem);
            var authorities = Authorities(options);
            return new HttpsConnectionAdapterOptions
            {
                ServerCertificate = X509Certificate2.CreateFromPem(pem, key),
                ServerCertificateChain = chain,
                ClientCertificateMode = mode,
                SslProtocols = protocols,
                ClientCertificateValidation = (certificate, _, _) => !verify || IsTrusted(certificate, authorities),
            };
        }
        // ArgumentException: the PEM has no key of the certificate's kind.
        catch (Exception unusable) when (unusable is CryptographicException or ArgumentException)
        {
            throw new IOException($"http.tls: certificate and key cannot be used: {unusable.Message}", unusable);
        }
    }

    public static bool TryParseClientAuth(string name, out ClientCertificateMode mode, out bool verify)
    {
        (mode, verify, var known) = name switch
        {
            "" or "NoClientCert" => (ClientCertificateMode.NoCertificate, false, true),
            "RequestClientCert" => (ClientCertificateMode.AllowCertificate, false, true),
            "RequireAnyClientCert" => (ClientCertificateMode.RequireCertificate, false, true),
            "VerifyClientCertIfGiven" => (ClientCertificateMode.AllowCertificate, true, true),
            "RequireAndVerifyClientCert" => (ClientCertificateMode.RequireCertificate, true, true),
            _ => (ClientCertificateMode.NoCertificate, false, false),
        };
        return known;
    }

    public static bool TryParseVersions(string least, string most, out SslProtocols protocols)
    {
        protocols = SslProtocols.None;
        var first = least.Length == 0 ? Array.IndexOf(VersionNames, "TLS12") : Array.IndexOf(VersionNames, least);
        var last = most.Length == 0 ? VersionNames.Length - 1 : Array.IndexOf(VersionNames, most);
        if (first < 0 || last < first) return false;
        for (var i = first; i <= last; i++) protocols |= Versions[i];
        return true;
    }

    private static X509Certificate2Collection Authorities(HttpTlsOptions options)
    {
        var authorities = new X509Certificate2Collection();
        if (options.ClientCaPem.Length > 0) authorities.ImportFromPem(options.ClientCaPem);
        else if (options.ClientCaFile.Length > 0) authorities.ImportFromPemFile(options.ClientCaFile);
        return authorities;
    }

    private static bool IsTrusted(X509Certificate2 certificate, X509Certificate2Collection authorities)
    {
        using var chain = new X509Chain();
        // Without authorities of its own, those of the host count.
        if (authorities.Count > 0) chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
