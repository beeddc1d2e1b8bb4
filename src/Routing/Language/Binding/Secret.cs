namespace Weir.Routing.Language;

/// <summary>A password, token or key. It shows as <c>(secret)</c> wherever it is printed.</summary>
public sealed class Secret(string text) : IEquatable<Secret>
{
    /// <summary>What takes a secret's place.</summary>
    public const string Mask = "(secret)";

    /// <summary>Whether there is no text.</summary>
    public bool IsEmpty => text.Length == 0;

    /// <summary>The text itself, for the code that authenticates with it.</summary>
    public string Reveal() => text;

    /// <inheritdoc/>
    public bool Equals(Secret? other) => other is not null
        && string.Equals(text, other.Reveal(), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(text);

    /// <summary>Always <see cref="Mask"/>.</summary>
    public override string ToString() => Mask;
}
