namespace Weir.Node.Sources;

/// <summary>The arguments with which a component runs, until others take their place. One applies, one runs; any
/// thread reads.</summary>
internal sealed class RunningArguments<T>
    where T : class
{
    private volatile Entry? _current;

    /// <summary>Null before any were applied.</summary>
    public T? Current => _current?.Arguments;

    /// <param name="goesOn">What runs goes on, and sees the new ones as <see cref="Current"/>; else it begins anew with
    /// them.</param>
    public async ValueTask ReplaceAsync(T arguments, bool goesOn)
    {
        var before = _current;
        _current = new Entry(arguments, goesOn && before is not null ? before.Replaced : new CancellationTokenSource());
        if (!goesOn && before is not null) await before.Replaced.CancelAsync();
    }

    /// <summary>Runs with the arguments, and again when that has ended or others have taken their place.</summary>
    /// <exception cref="InvalidOperationException">There are none yet.</exception>
    public async Task RunAsync(Func<T, CancellationToken, Task> run, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var entry = _current ?? throw new InvalidOperationException("runs before its arguments are applied");
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, entry.Replaced.Token);
            try
            {
                await run(entry.Arguments, either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                // Others have taken their place: begin again with those.
            }
        }
    }

    private sealed record Entry(T Arguments, CancellationTokenSource Replaced);
}
