using Weir.Routing.Language;

namespace Weir.Routing.Components.Http;

/// <summary>The oldest protocol that is spoken.</summary>
public enum TlsVersion : byte
{
    /// <summary>TLS 1.2 or newer.</summary>
    [Spelling("")]
    Default,

    [Spelling("TLS10")]
    Tls10,

    [Spelling("TLS11")]
    Tls11,

    [Spelling("TLS12")]
    Tls12,

    [Spelling("TLS13")]
    Tls13,
}

/// <summary>Block <c>tls_config</c>. Files are read again when they change.</summary>
public sealed record TlsOptions : IValidated
{
    /// <summary>Certificates of authorities, PEM: only these are trusted.</summary>
    [Argument("ca_pem")]
    public string CaPem { get; init; } = "";

    [Argument("ca_file")]
    public string CaFile { get; init; } = "";

    /// <summary>The client's certificate, PEM.</summary>
    [Argument("cert_pem")]
    public string CertificatePem { get; init; } = "";

    [Argument("cert_file")]
    public string CertificateFile { get; init; } = "";

    /// <summary>The client's key, PEM.</summary>
    [Argument("key_pem")]
    public Secret? KeyPem { get; init; }

    [Argument("key_file")]
    public string KeyFile { get; init; } = "";

    /// <summary>The name that the server's certificate must state, and that it is asked for; "" for the
    /// URL's.</summary>
    [Argument("server_name")]
    public string ServerName { get; init; } = "";

    /// <summary>Takes any certificate of the server.</summary>
    [Argument("insecure_skip_verify")]
    public bool InsecureSkipVerify { get; init; }

    [Argument("min_version")]
    public TlsVersion VersionMin { get; init; }

    /// <summary>Whether the client shows a certificate.</summary>
    public bool HasCertificate => CertificatePem.Length > 0 || CertificateFile.Length > 0;

    /// <inheritdoc/>
    public void Validate(OptionProblems problems)
    {
        var keyPem = KeyPem is { IsEmpty: false };
        if (CaPem.Length > 0 && CaFile.Length > 0) problems.Add("ca_file", "ca_pem and ca_file exclude each other");
        if (CertificatePem.Length > 0 && CertificateFile.Length > 0)
            problems.Add("cert_file", "cert_pem and cert_file exclude each other");
        if (keyPem && KeyFile.Length > 0) problems.Add("key_file", "key_pem and key_file exclude each other");
        var hasKey = keyPem || KeyFile.Length > 0;
        if (HasCertificate && !hasKey) problems.AddToBlock("a certificate needs its key: key_file or key_pem");
        if (hasKey && !HasCertificate) problems.AddToBlock("a key needs its certificate: cert_file or cert_pem");
    }
}
