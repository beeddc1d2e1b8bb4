using System.Text;

namespace Weir.Support;

/// <summary>Seeded random input: the same seeds every run, and the seed named when an assertion fails.</summary>
public static class Fuzz
{
    /// <summary>Runs the body once a seed, 0 to <paramref name="rounds"/> - 1.</summary>
    public static void Run(int rounds, Action<Random> body)
    {
        for (var seed = 0; seed < rounds; seed++)
        {
            try
            {
                body(new Random(seed));
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"Fails with seed {seed}: {fault.Message}", fault);
            }
        }
    }

    /// <summary>Random bytes from an alphabet of 1 to 256 values, with repeats of what came before.</summary>
    public static byte[] Bytes(Random random, int lengthMax)
    {
        var bytes = new byte[random.Next(lengthMax + 1)];
        var alphabet = 1 + random.Next(256);
        for (var i = 0; i < bytes.Length;)
        {
            var run = Math.Min(1 + random.Next(200), bytes.Length - i);
            var back = i > 0 && random.Next(2) == 0 ? 1 + random.Next(i) : 0;
            for (var end = i + run; i < end; i++)
                bytes[i] = back > 0 ? bytes[i - back] : (byte)random.Next(alphabet);
        }

        return bytes;
    }

    /// <summary>Pieces in random order, some cut short: near enough to a language's texts to get deep into its
    /// parser.</summary>
    public static string Text(Random random, string[] pieces, int piecesMax)
    {
        var text = string.Concat(Enumerable.Range(0, random.Next(piecesMax + 1))
            .Select(_ => pieces[random.Next(pieces.Length)]));
        return random.Next(4) == 0 ? text[..random.Next(text.Length + 1)] : text;
    }

    /// <summary>Takes characters out of a valid text, or puts pieces in, at one to three random places.</summary>
    public static string Damage(Random random, string valid, string[] pieces)
    {
        var text = new StringBuilder(valid);
        for (var count = random.Next(1, 4); count > 0; count--)
        {
            var at = random.Next(text.Length);
            if (random.Next(2) == 0) text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at));
            else text.Insert(at, pieces[random.Next(pieces.Length)]);
        }

        return text.ToString();
    }

    /// <summary>Flips, cuts or lengthens a valid message at random places.</summary>
    public static byte[] Damage(Random random, byte[] valid)
    {
        var bytes = valid.ToArray();
        for (var i = random.Next(4); i >= 0 && bytes.Length > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return random.Next(3) switch
        {
            0 => bytes[..random.Next(bytes.Length + 1)],
            1 => [.. bytes, .. Bytes(random, 20)],
            _ => bytes,
        };
    }
}
