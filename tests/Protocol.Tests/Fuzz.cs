namespace Weir.Protocol.Tests;

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
