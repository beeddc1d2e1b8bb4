using Weir.Routing.Patterns;

namespace Weir.Routing.Secrets;

/// <summary>Rules in the format of Gitleaks. What concerns files and commits has no meaning for lines and is passed
/// over.</summary>
internal static class SecretRuleFile
{
    /// <exception cref="SecretRuleException">It cannot be used.</exception>
    public static SecretFinder Parse(string text)
    {
        var file = TomlReader.Parse(text);
        var extend = Table(file, "extend");
        if (extend?.ContainsKey("path") == true)
            throw new SecretRuleException("extend.path is not supported: write the rules into one file");
        var rules = new List<SecretRule>();
        if (extend is not null && Flag(extend, "useDefault")) rules.AddRange(BuiltInRules.All);
        foreach (var rule in Tables(file, "rules")) Take(rule, rules);
        var disabled = Texts(extend, "disabledRules");
        rules.RemoveAll(rule => disabled.Contains(rule.Id));
        var exceptions = new List<SecretException>();
        foreach (var list in Exceptions(file))
        {
            if (ReadException(list, "the allowlist") is not { } exception) continue;
            var targets = Texts(list, "targetRules");
            if (targets.Count == 0) exceptions.Add(exception);
            for (var i = 0; i < rules.Count; i++)
                if (targets.Contains(rules[i].Id))
                    rules[i] = rules[i] with { Exceptions = [.. rules[i].Exceptions, exception] };
        }

        if (rules.Count > SecretFinder.RulesMax)
            throw new SecretRuleException($"it has more than {SecretFinder.RulesMax} rules");
        return rules.Count > 0 ? new SecretFinder(rules, exceptions)
            : throw new SecretRuleException("it has no rules; [extend] with useDefault = true takes the built-in ones");
    }

    /// <summary>Adds a rule, or changes the one with its id.</summary>
    private static void Take(Dictionary<string, object> table, List<SecretRule> rules)
    {
        if (Text(table, "id") is not { Length: > 0 } id) throw new SecretRuleException("a rule has no id");
        var at = rules.FindIndex(rule => rule.Id == id);
        var pattern = Text(table, "regex");
        if (pattern is null && at < 0)
        {
            if (table.ContainsKey("path")) return; // about files alone
            throw new SecretRuleException($"rule \"{id}\" has no regex");
        }

        var known = at >= 0 ? rules[at] : new SecretRule(id, Compile(pattern!, id), 0, [], 0, []);
        var changed = known with
        {
            Pattern = pattern is null ? known.Pattern : Compile(pattern, id),
            Group = table.ContainsKey("secretGroup") ? (int)Number(table, "secretGroup") : known.Group,
            Entropy = table.ContainsKey("entropy") ? Number(table, "entropy") : known.Entropy,
            Keywords = [.. known.Keywords, .. Texts(table, "keywords")],
            Exceptions =
            [
                .. known.Exceptions,
                .. Exceptions(table).Select(list => ReadException(list, $"rule \"{id}\"")).OfType<SecretException>(),
            ],
        };
        if (at >= 0) rules[at] = changed;
        else rules.Add(changed);
    }

    private static SecretException? ReadException(Dictionary<string, object> table, string owner)
    {
        var patterns = Texts(table, "regexes").Select(regex => Compile(regex, owner)).ToList();
        var words = Texts(table, "stopwords");
        var needsAll = Text(table, "condition")?.ToUpperInvariant() is "AND" or "&&";
        // Lines have no path and no commit.
        var isAboutFiles = needsAll && (table.ContainsKey("paths") || table.ContainsKey("commits"));
        if (isAboutFiles || patterns.Count + words.Count == 0) return null;
        var target = Text(table, "regexTarget") switch
        {
            null or "" or "secret" => ExceptionTarget.Secret,
            "match" => ExceptionTarget.Match,
            "line" => ExceptionTarget.Line,
            var other => throw new SecretRuleException(
                $"{owner}: regexTarget \"{other}\" is none of secret, match and line"),
        };
        return new SecretException(target, patterns, words.Count == 0 ? [] : [SecretFinder.AnyOf(words)!], needsAll);
    }

    private static GoRegex Compile(string pattern, string owner) =>
        GoRegex.TryCompile(pattern, out var regex, out var error)
            ? regex : throw new SecretRuleException($"{owner}: {error}");

    // The older form is one table, the newer a list of them.
    private static IEnumerable<Dictionary<string, object>> Exceptions(Dictionary<string, object> table)
    {
        if (Table(table, "allowlist") is { } one) yield return one;
        foreach (var list in Tables(table, "allowlists")) yield return list;
    }

    private static object? Get(Dictionary<string, object>? table, string name)
    {
        foreach (var (key, value) in table ?? [])
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }

    private static Dictionary<string, object>? Table(Dictionary<string, object> table, string name) =>
        Get(table, name) switch
        {
            null or List<object> => null,
            Dictionary<string, object> found => found,
            _ => throw new SecretRuleException($"\"{name}\" is no table"),
        };

    private static List<Dictionary<string, object>> Tables(Dictionary<string, object> table, string name) =>
        Get(table, name) switch
        {
            null or Dictionary<string, object> => [],
            List<object> list when list.All(item => item is Dictionary<string, object>) =>
                [.. list.Cast<Dictionary<string, object>>()],
            _ => throw new SecretRuleException($"\"{name}\" is no list of tables"),
        };

    private static List<string> Texts(Dictionary<string, object>? table, string name) => Get(table, name) switch
    {
        null => [],
        List<object> list when list.All(item => item is string) => [.. list.Cast<string>()],
        _ => throw new SecretRuleException($"\"{name}\" is no list of strings"),
    };

    private static string? Text(Dictionary<string, object> table, string name) => Get(table, name) switch
    {
        null => null,
        string text => text,
        _ => throw new SecretRuleException($"\"{name}\" is no string"),
    };

    private static double Number(Dictionary<string, object> table, string name) =>
        Get(table, name) is double number and >= 0 and < 1000 ? number
            : throw new SecretRuleException($"\"{name}\" is no such number");

    private static bool Flag(Dictionary<string, object> table, string name) => Get(table, name) switch
    {
        null => false,
        bool flag => flag,
        _ => throw new SecretRuleException($"\"{name}\" is neither true nor false"),
    };
}
