namespace Weir.Routing.Membership;

/// <summary>Times and sizes of what nodes tell each other. All nodes have the same.</summary>
public static class MembershipLimits
{
    /// <summary>A node says how it is at least this often.</summary>
    public static readonly TimeSpan PublishEvery = TimeSpan.FromSeconds(2);

    /// <summary>And not more often than this, whatever changes.</summary>
    public static readonly TimeSpan PublishGapMin = TimeSpan.FromMilliseconds(200);

    /// <summary>Silent for this long, a node is shown as late: one state and a half is missing.</summary>
    public static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(3);

    /// <summary>Silent for this long, a node is gone: its shards go to others.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(6);

    /// <summary>How long a node that is gone is still shown.</summary>
    public static readonly TimeSpan ShownAfter = TimeSpan.FromHours(1);

    /// <summary>How long a node waits for the answer of another one.</summary>
    public static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(5);

    /// <summary>Nodes, those that are gone included. Further ones are not taken up, and counted.</summary>
    public const int MembersMax = 1024;

    /// <summary>Bytes of the states of all nodes, as they came.</summary>
    public const long StatesBytesMax = 64L << 20;

    /// <summary>Bytes of one state; a node leaves out lanes so that its own stays far below.</summary>
    public const int StateBytesMax = 512 << 10;

    /// <summary>Bytes of any message.</summary>
    public const int MessageBytesMax = 8 << 20;

    /// <summary>Characters of a node's id.</summary>
    public const int IdLengthMax = 128;

    /// <summary>Lanes in a state: those with the largest backlogs.</summary>
    public const int LanesMax = 500;

    /// <summary>Unhealthy components that a state names.</summary>
    public const int UnhealthyMax = 20;

    /// <summary>Characters of an error in a state.</summary>
    public const int ErrorLengthMax = 300;
}
