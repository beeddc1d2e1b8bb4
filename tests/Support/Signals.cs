namespace Weir.Support;

/// <summary>Lets a test await that something has become true, told by whoever changes it.</summary>
public sealed class Signals
{
    /// <summary>A test that waits longer than this has failed; the message says for what.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TaskCompletionSource _changed = New();

    /// <summary>Something changed: those who wait look again.</summary>
    public void Raise() => Interlocked.Exchange(ref _changed, New()).TrySetResult();

    /// <summary>Waits until <paramref name="find"/> finds something.</summary>
    /// <param name="what">What is waited for.</param>
    /// <param name="instead">Says what is there while it is not.</param>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public async Task<T> UntilAsync<T>(string what, Func<T?> find, Func<string>? instead = null)
        where T : class
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await UntilAsync(find, patience.Token);
        }
        catch (OperationCanceledException)
        {
            var seen = instead is null ? "" : $"; {instead()}";
            throw new TimeoutException($"not seen within {Patience.TotalSeconds} s: {what}{seen}");
        }
    }

    /// <summary>Waits, as long as it takes, until <paramref name="find"/> finds something.</summary>
    public async Task<T> UntilAsync<T>(Func<T?> find, CancellationToken cancel)
        where T : class
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (find() is { } found) return found;
            await changed.WaitAsync(cancel);
        }
    }

    /// <summary>Waits until <paramref name="holds"/> is true.</summary>
    public Task UntilAsync(string what, Func<bool> holds, Func<string>? instead = null) =>
        UntilAsync(what, () => holds() ? this : null, instead);

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
