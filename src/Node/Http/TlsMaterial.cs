using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Weir.Routing.Components;
using Weir.Routing.Components.Http;

namespace Weir.Node.Http;

/// <summary>Certificates and trust of one client or listener; files that changed are read again at the next
/// handshake.</summary>
internal sealed class TlsMaterial(TlsOptions options)
{
    private readonly Lock _gate = new();
    private (DateTime CertificateAt, DateTime KeyAt, X509Certificate2 Certificate)? _client;
    private (DateTime At, X509Certificate2Collection Authorities)? _trust;

    /// <exception cref="ComponentException">A file or a PEM text cannot be read.</exception>
    public SslClientAuthenticationOptions ToClientOptions()
    {
        try
        {
            if (options.HasCertificate) ReadCertificate();
            if (HasAuthorities) ReadAuthorities();
        }
        catch (SystemException fault)
            when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ComponentException($"tls_config: {fault.Message}");
        }

        var client = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = Protocols(options.VersionMin),
            RemoteCertificateValidationCallback = IsTrusted,
        };
        if (options.ServerName.Length > 0) client.TargetHost = options.ServerName;
        if (options.HasCertificate)
            client.LocalCertificateSelectionCallback = (_, _, _, _, _) => ReadCertificate();
        return client;
    }

    /// <summary>For a listener: its certificate and, with authorities, the proof of clients.</summary>
    /// <exception cref="ComponentException">A file or a PEM text cannot be read.</exception>
    public SslServerAuthenticationOptions ToServerOptions()
    {
        try
        {
            if (HasAuthorities) ReadAuthorities();
            return new SslServerAuthenticationOptions
            {
                EnabledSslProtocols = Protocols(options.VersionMin),
                ServerCertificate = ReadCertificate(),
                ClientCertificateRequired = HasAuthorities,
                RemoteCertificateValidationCallback = HasAuthorities
                    ? (_, certificate, chain, _) => IsIssued(certificate, chain, "1.3.6.1.5.5.7.3.2") : null,
            };
        }
        catch (SystemException fault)
            when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ComponentException($"tls_config: {fault.Message}");
        }
    }

    private bool HasAuthorities => options.CaPem.Length > 0 || options.CaFile.Length > 0;

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (options.InsecureSkipVerify) return true;
        if (!HasAuthorities) return errors == SslPolicyErrors.None;
        return (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0
            && IsIssued(certificate, chain, "1.3.6.1.5.5.7.3.1");
    }

    /// <param name="purpose">Server or client authentication.</param>
    private bool IsIssued(X509Certificate? certificate, X509Chain? chain, string purpose)
    {
        if (certificate is null) return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(ReadAuthorities());
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose));
        if (chain is not null) own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        using var presented = new X509Certificate2(certificate);
        return own.Build(presented);
    }

    private X509Certificate2 ReadCertificate()
    {
        var (certificateAt, keyAt) = (ChangedAt(options.CertificateFile), ChangedAt(options.KeyFile));
        lock (_gate)
        {
            if (_client is { } known && known.CertificateAt == certificateAt && known.KeyAt == keyAt)
                return known.Certificate;
            var pem = options.CertificateFile.Length > 0
                ? File.ReadAllText(options.CertificateFile) : options.CertificatePem;
            var key = options.KeyFile.Length > 0 ? File.ReadAllText(options.KeyFile) : options.KeyPem?.Reveal();
            var certificate = X509Certificate2.CreateFromPem(pem, key);
            _client = (certificateAt, keyAt, certificate);
            return certificate;
        }
    }

    private X509Certificate2Collection ReadAuthorities()
    {
        var at = ChangedAt(options.CaFile);
        lock (_gate)
        {
            if (_trust is { } known && known.At == at) return known.Authorities;
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(options.CaFile.Length > 0 ? File.ReadAllText(options.CaFile) : options.CaPem);
            if (authorities.Count == 0) throw new CryptographicException("the authorities' PEM holds no certificate");
            _trust = (at, authorities);
            return authorities;
        }
    }

    private static DateTime ChangedAt(string path) => path.Length > 0 ? File.GetLastWriteTimeUtc(path) : default;

    private static SslProtocols Protocols(TlsVersion least)
    {
        const SslProtocols modern = SslProtocols.Tls12 | SslProtocols.Tls13;
#pragma warning disable SYSLIB0039, CA5397 // the operator asks for an old server
        return least switch
        {
            TlsVersion.Tls10 => SslProtocols.Tls | SslProtocols.Tls11 | modern,
            TlsVersion.Tls11 => SslProtocols.Tls11 | modern,
            TlsVersion.Tls13 => SslProtocols.Tls13,
            _ => modern,
        };
#pragma warning restore SYSLIB0039, CA5397
    }
}
