namespace Weir.Protocol.Dns;

/// <summary>Kinds of records that discovery asks for (RFC 1035, 2782, 3596).</summary>
public enum DnsType : ushort
{
    A = 1,
    Ns = 2,
    Cname = 5,
    Mx = 15,
    Aaaa = 28,
    Srv = 33,
}

/// <summary>A record of an answer.</summary>
/// <param name="Type">One of <see cref="DnsType"/>; others are passed over when a message is read.</param>
/// <param name="Target">The host that it names, rooted (<c>web.example.com.</c>); of A and AAAA, the address.</param>
/// <param name="Port">Of SRV; 0 for others.</param>
public sealed record DnsRecord(DnsType Type, string Target, ushort Port = 0);

/// <summary>How a server answered.</summary>
public enum DnsStatus : byte
{
    /// <summary>It is the answer, empty or not.</summary>
    Success = 0,

    /// <summary>There is no such name.</summary>
    NameError = 3,

    /// <summary>Any other code: another server may know better.</summary>
    Failure = 255,
}

/// <summary>An answer as far as discovery needs it.</summary>
/// <param name="IsTruncated">It did not fit: to be asked again over TCP.</param>
public sealed record DnsAnswer(DnsStatus Status, bool IsTruncated, IReadOnlyList<DnsRecord> Records);
