namespace Weir.Routing.Language;

/// <summary>An option record with rules that no attribute states, such as "only one of these".</summary>
public interface IValidated
{
    /// <summary>Reports every rule that the filled record breaks. Is not called when one of its own attributes is
    /// wrong.</summary>
    void Validate(OptionProblems problems);
}

/// <summary>What a record's validation found.</summary>
public sealed class OptionProblems
{
    private readonly List<(string? Name, string Message, string? Hint)> _items = [];

    /// <summary>In order of discovery; Name is null when the block as a whole is at fault.</summary>
    public IReadOnlyList<(string? Name, string Message, string? Hint)> Items => _items;

    /// <summary>One argument or nested block is at fault.</summary>
    /// <param name="name">Its name as the configuration writes it.</param>
    /// <param name="message">What is wrong, shown behind the name; must not hold a secret.</param>
    /// <param name="hint">The remedy, if there is one to name.</param>
    public void Add(string name, string message, string? hint = null) => _items.Add((name, message, hint));

    /// <summary>The block as a whole is at fault; the message is shown behind its name.</summary>
    public void AddToBlock(string message, string? hint = null) => _items.Add((null, message, hint));
}
