using System.Globalization;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Sharding;

internal sealed partial class ShardTenure
{
    /// <summary>A note: the lane that it names is parked.</summary>
    private void HoldNote(BrokerMessage message)
    {
        if (_notes.Hold(message) is not var (lane, parking)) return;
        // Of an endpoint that is not configured, what is parked waits until it is.
        if (_settings.Endpoints.FirstOrDefault(one => one.Name == lane.Endpoint) is { } endpoint)
            Park(LaneOf(endpoint, lane.Tenant), lane, parking);
    }

    /// <summary>Parks lanes that get nothing done, and slow ones that others wait for.</summary>
    private void LookAtLanes()
    {
        var lanes = Lanes();
        var isFull = IsFull;
        var isAnyIdle = isFull && lanes.Any(lane => lane.Lane.IsEmpty);
        foreach (var work in lanes)
        {
            if (work.Lane.Course == LaneCourse.Parked || !IsInTheWay(work.Lane.Pressure(), isFull, isAnyIdle)) continue;
            var name = new LaneName(work.Lane.Key.Endpoint, work.Lane.Key.Tenant);
            Park(work, name, parking: null);
        }
    }

    private static bool IsInTheWay(in LanePressure lane, bool isFull, bool isAnyIdle) =>
        lane.Stuck >= ShardLimits.TroubleMax || lane.Oldest >= ShardLimits.HeldMax
        || (isFull && lane.Stuck >= ShardLimits.StuckMax)
        || (isAnyIdle && lane.Oldest >= ShardLimits.HoldUpMax);

    /// <param name="parking">Where a note told of it; else a new one begins.</param>
    private void Park(LaneWork work, LaneName name, string? parking)
    {
        if (!work.Lane.Park()) return; // it is parked, and what runs goes on
        var id = parking ?? _context.Random.NextInt64().ToString("x16", CultureInfo.InvariantCulture);
        if (parking is null) _notes.Open(name, id);
        var next = new LaneParking(_shard, name, id, work, _notes, _publisher, _parkingOwner, _context);
        var before = work.Parking;
        work.Parking = WorkAsync(async cancel =>
        {
            await before;
            await next.RunAsync(isNoted: parking is not null, cancel);
        });
    }

    /// <summary>Notes must not be in hand for too long: newer ones take their place.</summary>
    private void RefreshNotes()
    {
        foreach (var (lane, parking) in _notes.TakeOld())
        {
            byte[]? Write(bool isResent) => _notes.IsOpen(lane, parking)
                ? ParkingNotes.Write(_context.Node, _shard, lane, parking) : null;
            Track(WorkAsync(cancel => _publisher.SendAsync(_index, Write, cancel).AsTask()));
        }
    }

    /// <summary>Runs until the end of the tenure at the longest; a loss of the broker in it is the tenure's.</summary>
    private async Task WorkAsync(Func<CancellationToken, Task> work)
    {
        var isDone = false;
        try
        {
            await work(_kill.Token);
            isDone = true;
        }
        catch (BrokerSessionLostException lost)
        {
            _lost ??= lost;
        }
        catch (OperationCanceledException) when (_kill.IsCancellationRequested)
        {
            // The tenure ends.
        }
        finally
        {
            if (!isDone) _ending.Cancel();
        }
    }
}
