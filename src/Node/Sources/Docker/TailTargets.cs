using Weir.Protocol.Batches;

namespace Weir.Node.Sources.Docker;

/// <summary>A container whose log is wanted.</summary>
/// <param name="Name">Without the leading slash.</param>
public sealed record TailTarget(string Id, string Name, TailLabels Labels);

/// <summary>Makes of discovery's targets one for each container, with the labels of its two streams.</summary>
public static class TailTargets
{
    private const string IdLabel = "__meta_docker_container_id";
    private const string NameLabel = "__meta_docker_container_name";
    private const string StreamLabel = "__meta_docker_container_log_stream";

    /// <summary>Of several targets of a container (one a port) the one with the least fingerprint counts, as in Alloy.
    /// </summary>
    /// <param name="nameless">Targets that name no container.</param>
    public static IReadOnlyDictionary<string, TailTarget> Of(
        DockerSourceOptions options, LabelSets sets, out int nameless)
    {
        var chosen = new Dictionary<string, (ulong Fingerprint, IReadOnlyDictionary<string, string> Target)>(
            StringComparer.Ordinal);
        nameless = 0;
        foreach (var target in options.Targets)
        {
            if (!target.TryGetValue(IdLabel, out var id) || id.Length == 0)
            {
                nameless++;
                continue;
            }

            var fingerprint = Fingerprint(target);
            if (!chosen.TryGetValue(id, out var before) || fingerprint < before.Fingerprint)
                chosen[id] = (fingerprint, target);
        }

        var tails = new Dictionary<string, TailTarget>(chosen.Count, StringComparer.Ordinal);
        foreach (var (id, (_, target)) in chosen)
        {
            var name = target.TryGetValue(NameLabel, out var given) ? given.TrimStart('/') : id;
            var both = new TailLabels(LabelsOf("stdout"), LabelsOf("stderr"));
            tails.Add(id, new TailTarget(id, name, both));

            LabelSet? LabelsOf(string stream)
            {
                var all = target.Concat(options.Labels).Append(KeyValuePair.Create(StreamLabel, stream));
                return options.RelabelRules.Apply(sets.Of(all), sets) is { } kept ? Visible(kept, sets) : null;
            }
        }

        return tails;
    }

    private static LabelSet Visible(LabelSet set, LabelSets sets)
    {
        var visible = new List<Label>(set.Count);
        foreach (var label in set.Labels)
        {
            if (!label.Name.StartsWith(LabelSet.HiddenPrefix, StringComparison.Ordinal)) visible.Add(label);
        }

        return visible.Count == set.Count ? set : sets.Of([.. visible]);
    }

    /// <summary>FNV-1a over names and values in order of the names, each ended by 0xFF: Prometheus'
    /// fingerprint.</summary>
    private static ulong Fingerprint(IReadOnlyDictionary<string, string> target)
    {
        var hash = 14695981039346656037UL;
        foreach (var (name, value) in target.OrderBy(label => label.Key, StringComparer.Ordinal))
        {
            hash = Add(hash, name);
            hash = Add(hash, value);
        }

        return hash;

        static ulong Add(ulong hash, string text)
        {
            foreach (var unit in System.Text.Encoding.UTF8.GetBytes(text)) hash = (hash ^ unit) * 1099511628211UL;
            return (hash ^ 0xff) * 1099511628211UL;
        }
    }
}
