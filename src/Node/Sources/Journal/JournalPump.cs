using Weir.Protocol.Batches;
using Weir.Routing.Components;
using Weir.Routing.Ports;

namespace Weir.Node.Sources.Journal;

/// <summary>How lines are made of entries; swapped whole when arguments change.</summary>
internal sealed record JournalForm(JournalLabels Labels, bool AsJson);

/// <summary>Moves the lines of one open journal to the pipeline, one batch a read.</summary>
internal sealed class JournalPump(
    IComponentHost host, ISourcePositions positions, SourceKey source, IJournal journal, JournalLines lines,
    FanOut inlet, JournalMetrics metrics, Func<JournalForm> form)
{
    /// <summary>Stages that hold lines back are asked this often to let go of those whose time is over.</summary>
    private static readonly TimeSpan ReleaseInterval = TimeSpan.FromSeconds(1);

    /// <summary>The journal is looked at this often, should nothing tell of a change.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30);

    /// <summary>Entries dropped in a row after which the position moves on: rules may drop nearly all.</summary>
    private const int DroppedMax = 10_000;

    private long _saved;

    /// <summary>When the last entry that was handed on was stored; null: none was.</summary>
    public DateTimeOffset? Position { get; private set; }

    /// <summary>Runs until cancelled.</summary>
    /// <param name="check">Asked whether the journal is still there, each time nothing came for a while.</param>
    /// <exception cref="JournalException">It cannot be read on.</exception>
    public async Task RunAsync(Action check, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            if (!await ReadAsync(cancel)) continue;
            var before = host.Time.GetTimestamp();
            await journal.WaitAsync(inlet.HoldsLines ? ReleaseInterval : LookInterval, cancel);
            if (inlet.HoldsLines) await inlet.ReleaseAsync(ending: false, cancel);
            else if (host.Time.GetElapsedTime(before) >= LookInterval) check();
        }
    }

    /// <returns>True at the journal's end.</returns>
    private async ValueTask<bool> ReadAsync(CancellationToken cancel)
    {
        LogBatch? batch = new();
        try
        {
            var (labels, asJson) = form();
            var isEnd = lines.Fill(batch, labels, asJson);
            metrics.Add(lines.TakeCounts());
            if (lines.TakeGap() is { } gap) Note(gap);
            var place = lines.Place;
            if (batch.Count == 0 && (place?.Index ?? 0) - _saved < DroppedMax) return isEnd;
            if (place is not null) batch.Checkpoint = positions.Begin(place.ToPosition(source));
            var filled = batch;
            batch = null;
            await inlet.SendAsync(filled, cancel);
            _saved = place?.Index ?? 0;
            Position = DateTimeOffset.UnixEpoch.AddMicroseconds(lines.LastTimestamp);
            return isEnd;
        }
        finally
        {
            batch?.Dispose();
        }
    }

    private void Note(JournalGap gap)
    {
        if (gap.Count == 0) return; // only the last entry read is gone, and nothing after it
        metrics.CursorsLost.Increment();
        metrics.Lost.Add(gap.Count ?? 0);
        host.Events.Log.Write(LogSeverity.Warn, host.Id,
            "journald removed entries before they were read; reading goes on at the nearest: let it keep more "
            + "(SystemMaxUse, RuntimeMaxUse, MaxRetentionSec in journald.conf)",
            new("entries", gap.Count is { } count ? count : "unknown"), new("cursor", gap.Cursor));
    }
}
