using Weir.Routing.Language;

namespace Weir.Node.Admin;

/// <summary>Block <c>http</c>: who may ask the admin listener, and over what.</summary>
[ConfigurationBlock("http")]
public sealed record HttpBlockOptions
{
    [Block("auth")]
    public HttpAuthOptions? Auth { get; init; }

    [Block("tls")]
    public HttpTlsOptions? Tls { get; init; }
}

/// <summary>Block <c>auth</c> of <c>http</c>.</summary>
public sealed record HttpAuthOptions
{
    [Block("basic")]
    public HttpBasicOptions? Basic { get; init; }

    [Block("filter")]
    public HttpFilterOptions Filter { get; init; } = new();
}

/// <summary>Block <c>basic</c> of <c>http.auth</c>.</summary>
public sealed record HttpBasicOptions
{
    [Argument("username", Required = true)]
    public string Username { get; init; } = "";

    [Argument("password", Required = true)]
    public Secret Password { get; init; } = new("");
}

/// <summary>Block <c>filter</c> of <c>http.auth</c>: which paths need the password.</summary>
public sealed record HttpFilterOptions
{
    /// <summary>Prefixes of paths; none: every path.</summary>
    [Argument("paths")]
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>True: the paths named need the password; false: all but those.</summary>
    [Argument("authenticate_matching_paths")]
    public bool AuthenticateMatchingPaths { get; init; } = true;
}

/// <summary>Block <c>tls</c> of <c>http</c>.</summary>
public sealed record HttpTlsOptions : IValidated
{
    [Argument("cert_file")]
    public string CertFile { get; init; } = "";

    [Argument("cert_pem")]
    public string CertPem { get; init; } = "";

    [Argument("key_file")]
    public string KeyFile { get; init; } = "";

    [Argument("key_pem")]
    public Secret KeyPem { get; init; } = new("");

    [Argument("client_ca_file")]
    public string ClientCaFile { get; init; } = "";

    [Argument("client_ca_pem")]
    public string ClientCaPem { get; init; } = "";

    /// <summary>NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or
    /// RequireAndVerifyClientCert.</summary>
    [Argument("client_auth_type")]
    public string ClientAuthType { get; init; } = "NoClientCert";

    /// <summary>TLS10 to TLS13; empty: TLS 1.2 and later.</summary>
    [Argument("min_version")]
    public string MinVersion { get; init; } = "";

    [Argument("max_version")]
    public string MaxVersion { get; init; } = "";

    /// <summary>Accepted for compatibility: .NET takes the suites of the system's OpenSSL configuration.</summary>
    [Argument("cipher_suites")]
    public IReadOnlyList<string> CipherSuites { get; init; } = [];

    /// <summary>Accepted for compatibility, as <see cref="CipherSuites"/>.</summary>
    [Argument("curve_preferences")]
    public IReadOnlyList<string> CurvePreferences { get; init; } = [];

    public void Validate(OptionProblems problems)
    {
        if (CertFile.Length == 0 == (CertPem.Length == 0))
            problems.Add("cert_file", "exactly one of cert_file and cert_pem is needed");
        if (KeyFile.Length == 0 == KeyPem.IsEmpty)
            problems.Add("key_file", "exactly one of key_file and key_pem is needed");
        if (!AdminTls.TryParseClientAuth(ClientAuthType, out _, out _))
            problems.Add("client_auth_type", $"\"{ClientAuthType}\" is no kind of client authentication: "
                + "use NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven "
                + "or RequireAndVerifyClientCert");
        if (!AdminTls.TryParseVersions(MinVersion, MaxVersion, out _))
            problems.Add("min_version", "versions are TLS10, TLS11, TLS12 and TLS13, the lowest first");
    }
}
