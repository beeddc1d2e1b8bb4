namespace Weir.Routing.Tests;

/// <summary>Seeded random input: the same seeds every run, and the seed named when an assertion fails.</summary>
internal static class Fuzz
{
    /// <summary>Runs the body once a seed, 0 to <paramref name="rounds"/> - 1.</summary>
    public static void Run(int rounds, Action<Random> body)
    {
        for (var seed = 0; seed < rounds; seed++)
        {
            var round = seed;
            var fault = Record.Exception(() => body(new Random(round)));
            if (fault != null) throw new InvalidOperationException($"Fails with seed {seed}: {fault.Message}", fault);
        }
    }

    /// <summary>Pieces in random order, some cut short: near enough to a language's texts to get deep into its
    /// parser.</summary>
    public static string Text(Random random, string[] pieces, int piecesMax)
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(piecesMax + 1))
            .Select(_ => pieces[random.Next(pieces.Length)]));
        return random.Next(4) == 0 ? text[..random.Next(text.Length + 1)] : text;
    }
}
