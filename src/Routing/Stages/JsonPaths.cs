using System.Text;

namespace Weir.Routing.Stages;

/// <summary>Keys and dotted paths of a JSON object, as a tree: one pass over a line finds all of them.</summary>
/// <remarks>Leaves are numbered in the order of the tree, so that those below a key are a range.</remarks>
internal sealed class JsonPaths
{
    private readonly List<string[]> _leaves = [];

    private JsonPaths(JsonPathNode root) => Root = root;

    public JsonPathNode Root { get; }

    /// <summary>How many different paths there are: the length of the tokens that a scan fills.</summary>
    public int Count => _leaves.Count;

    public static JsonPaths Build(IEnumerable<string[]> paths)
    {
        var built = new JsonPaths(new JsonPathNode());
        foreach (var path in paths)
        {
            var node = built.Root;
            foreach (var key in path) node = node.Child(key);
            node.IsWanted = true;
        }

        built.Number(built.Root, []);
        return built;
    }

    /// <returns>The leaf of a path that was given to <see cref="Build"/>.</returns>
    public int LeafOf(string[] path) => _leaves.FindIndex(leaf => leaf.AsSpan().SequenceEqual(path));

    private void Number(JsonPathNode node, string[] path)
    {
        node.FirstLeaf = _leaves.Count;
        if (node.IsWanted)
        {
            node.Leaf = _leaves.Count;
            _leaves.Add(path);
        }

        node.Seal();
        for (var i = 0; i < node.Names.Length; i++) Number(node.Children[i], [.. path, node.Names[i]]);
        node.LeafCount = _leaves.Count - node.FirstLeaf;
    }
}

/// <summary>A key of a path, and the keys below it.</summary>
internal sealed class JsonPathNode
{
    private readonly SortedDictionary<string, JsonPathNode> _children = new(StringComparer.Ordinal);
    private byte[][] _keys = [];

    public bool IsWanted { get; set; }

    /// <summary>The token that the key's value fills, or -1 when only keys below it are wanted.</summary>
    public int Leaf { get; set; } = -1;

    /// <summary>The range of leaves at and below this key.</summary>
    public int FirstLeaf { get; set; }

    public int LeafCount { get; set; }

    public string[] Names { get; private set; } = [];

    public JsonPathNode[] Children { get; private set; } = [];

    public JsonPathNode Child(string key)
    {
        if (!_children.TryGetValue(key, out var child)) _children.Add(key, child = new JsonPathNode());
        return child;
    }

    public void Seal()
    {
        Names = [.. _children.Keys];
        Children = [.. _children.Values];
        _keys = Array.ConvertAll(Names, Encoding.UTF8.GetBytes);
    }

    /// <returns>The child of this key, unescaped; null when it is not wanted.</returns>
    public JsonPathNode? Find(ReadOnlySpan<byte> key)
    {
        var keys = _keys;
        for (var i = 0; i < keys.Length; i++)
            if (keys[i].Length == key.Length && key.SequenceEqual(keys[i])) return Children[i];
        return null;
    }
}
