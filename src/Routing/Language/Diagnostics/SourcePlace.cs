namespace Weir.Routing.Language;

/// <summary>A run of characters in a configuration file.</summary>
/// <param name="Source">The file.</param>
/// <param name="Offset">First character, in UTF-16 units from the beginning of the file.</param>
/// <param name="Length">Characters; zero for a point, such as the end of the file.</param>
public readonly record struct SourcePlace(SourceFile Source, int Offset, int Length)
{
    /// <summary>Name of the file.</summary>
    public string File => Source.Name;

    /// <summary>The first line is 1.</summary>
    public int Line => Source.LineOf(Offset);

    /// <summary>The first column is 1.</summary>
    public int Column => Source.ColumnOf(Offset);

    /// <summary>Offset just behind the last character.</summary>
    public int End => Offset + Length;

    /// <summary>The characters themselves.</summary>
    public ReadOnlySpan<char> Text => Source.Text.AsSpan(Offset, Length);

    /// <summary>From the beginning of this place to the end of another one of the same file.</summary>
    public SourcePlace To(SourcePlace last) => this with { Length = Math.Max(0, last.End - Offset) };

    /// <summary>Whether another place lies inside this one.</summary>
    public bool Contains(SourcePlace other) =>
        ReferenceEquals(Source, other.Source) && other.Offset >= Offset && other.End <= End;

    /// <summary><c>file:line:column</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}
