using System.Text;
using System.Text.Json;
using Weir.Protocol.Loki;
using Weir.Protocol.Snappy;
using Weir.Routing.Ports;

namespace Weir.Support;

/// <summary>An entry as an endpoint reads it.</summary>
/// <param name="Metadata">A JSON object; "" for none.</param>
public sealed record ReceivedEntry(
    string Tenant, string Stream, long Timestamp, string Line, string Metadata = "");

/// <summary>A push as an endpoint receives it, read by nothing that wrote it.</summary>
public sealed record ReceivedPush(byte[] Body, string Tenant, IReadOnlyList<ReceivedEntry> Entries);

/// <summary>An endpoint in memory: answers by script and keeps what it was sent.</summary>
public sealed class ScriptedPushClient(Func<ReceivedPush, CancellationToken,
    ValueTask<PushAnswer>> answer) : IPushClient
{
    private readonly Lock _gate = new();
    private readonly List<ReceivedPush> _pushes = [];

    public ScriptedPushClient(params int[] statuses)
        : this(Play(statuses))
    {
    }

    public static PushAnswer Accepted { get; } = Status(204);

    public IReadOnlyList<ReceivedPush> Pushes
    {
        get
        {
            lock (_gate) return [.. _pushes];
        }
    }

    public static PushAnswer Status(int status, string detail = "") =>
        new(PushOutcome.Answered, status, TimeSpan.Zero, detail);

    public async ValueTask<PushAnswer> PushAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> body, string tenant, CancellationToken cancel,
        Func<bool>? mayLeave = null)
    {
        var bytes = body.SelectMany(piece => piece.ToArray()).ToArray();
        var push = new ReceivedPush(bytes, tenant, Decode(bytes, tenant));
        lock (_gate) _pushes.Add(push);
        return await answer(push, cancel);
    }

    public void Dispose()
    {
        // Nothing is held.
    }

    /// <summary>The entries of a Snappy block of a push request.</summary>
    public static IReadOnlyList<ReceivedEntry> Decode(ReadOnlySpan<byte> block, string tenant)
    {
        if (!SnappyDecoder.TryGetUncompressedLength(block, out var length))
            throw new InvalidDataException("no Snappy block");
        var request = new byte[length];
        if (!SnappyDecoder.TryDecompress(block, request,
            out _)) throw new InvalidDataException("a broken Snappy block");
        var entries = new List<ReceivedEntry>();
        var reader = new PushRequestReader(request);
        for (var token = reader.Read(); token != PushToken.End; token = reader.Read())
        {
            if (token == PushToken.Fault) throw new InvalidDataException(reader.Fault);
            if (token == PushToken.Entry)
            {
                entries.Add(new ReceivedEntry(
                    tenant, Encoding.UTF8.GetString(reader.Labels), reader.Timestamp,
                    Encoding.UTF8.GetString(reader.Line), MetadataOf(reader.Metadata)));
            }
        }

        return entries;
    }

    private static string MetadataOf(MetadataReader metadata)
    {
        var pairs = new SortedDictionary<string, string>(StringComparer.Ordinal);
        while (metadata.Read()) pairs[Encoding.UTF8.GetString(metadata.Name)] = Encoding.UTF8.GetString(metadata.Value);
        return pairs.Count == 0 ? "" : JsonSerializer.Serialize(pairs);
    }

    private static Func<ReceivedPush, CancellationToken, ValueTask<PushAnswer>> Play(int[] statuses)
    {
        var next = 0;
        return (_, _) => ValueTask.FromResult(next < statuses.Length ? Status(statuses[next++]) : Accepted);
    }
}
