using System.Buffers;
using System.Text.Json;
using Weir.Node.Admin;
using Weir.Node.Logging;
using Weir.Protocol.Cluster;
using Weir.Routing.Components;
using Weir.Routing.Lanes;
using Weir.Routing.Membership;
using Weir.Routing.Ports;

namespace Weir.Node.Cluster;

/// <summary>Does on this node what operators ask of any node.</summary>
/// <param name="shards">Null: this node owns none.</param>
/// <param name="drain">Begins the end of the process, as SIGTERM does.</param>
internal sealed class NodeService(
    NodeSelf self, Graph graph, Delivery delivery, ISpool spool, IShardOwners? shards, Action drain) : INodeService
{
    /// <summary>Dead letters in one answer.</summary>
    public const int LettersMax = 1000;

    public async ValueTask<NodeAnswer> AnswerAsync(Request request, CancellationToken cancel)
    {
        try
        {
            return request.WhatCase switch
            {
                Request.WhatOneofCase.Details => Details(),
                Request.WhatOneofCase.Drain => Drain(),
                Request.WhatOneofCase.Rebalance => Answer(new RebalanceAnswer(shards?.Rebalance() ?? 0)),
                Request.WhatOneofCase.ListDeadLetters => await ListAsync(request.ListDeadLetters, cancel),
                Request.WhatOneofCase.ShowDeadLetter => await ShowAsync(request.ShowDeadLetter.Id, cancel),
                Request.WhatOneofCase.ResendDeadLetters => Answer(new ResendAnswer(
                    await delivery.ResendDeadLettersAsync([.. request.ResendDeadLetters.Ids], cancel))),
                _ => new NodeAnswer($"node {self.Id} does not know this request", default),
            };
        }
        catch (IOException failure)
        {
            return new NodeAnswer($"node {self.Id}: {failure.Message}", default);
        }
    }

    private static NodeAnswer Answer<T>(T result) =>
        new("", JsonSerializer.SerializeToUtf8Bytes(result, JsonText.Answers));

    private NodeAnswer Drain()
    {
        drain();
        return Answer(new DrainAnswer(self.Id, IsDraining: true));
    }

    private async ValueTask<NodeAnswer> ListAsync(ListDeadLetters wanted, CancellationToken cancel)
    {
        var letters = await spool.ListDeadLettersAsync(wanted.After, Math.Clamp(wanted.Limit, 1, LettersMax), cancel);
        return Answer(letters.Select(letter => DeadLetterAnswer.Of(self.Id, letter)).ToList());
    }

    private async ValueTask<NodeAnswer> ShowAsync(long id, CancellationToken cancel)
    {
        var found = await spool.ListDeadLettersAsync(id - 1, 1, cancel);
        return found.Count > 0 && found[0].Id == id
            ? Answer(DeadLetterContent.Of(self.Id, found[0]))
            : new NodeAnswer($"node {self.Id} keeps no dead letter {id}", default);
    }

    private NodeAnswer Details()
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        var options = new JsonWriterOptions { Encoder = JsonText.Encoder, Indented = true };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            json.WriteString("id", self.Id);
            json.WriteString("name", self.Name);
            json.WriteString("version", self.Version);
            json.WriteString("started_at", self.StartedAt);
            json.WriteStartArray("roles");
            foreach (var role in self.Roles) json.WriteStringValue(role);
            json.WriteEndArray();
            json.WritePropertyName("spool");
            JsonSerializer.Serialize(json, delivery.SpoolUsage, JsonText.Answers);
            json.WriteStartArray("components");
            foreach (var component in graph.Components) ComponentRoutes.Write(json, component);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return new NodeAnswer("", buffer.WrittenMemory);
    }
}

/// <param name="GivenBack">Shards that go to other writers.</param>
internal sealed record RebalanceAnswer(int GivenBack);

internal sealed record ResendAnswer(int Resent);

internal sealed record DrainAnswer(string Node, bool IsDraining);
