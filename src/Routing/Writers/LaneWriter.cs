using System.Globalization;
using Weir.Routing.Lanes;
using Weir.Routing.Ports;

namespace Weir.Routing.Writers;

/// <summary>What the endpoint decided over a push.</summary>
internal readonly record struct Settlement(Decision Decision, int Status, string Detail)
{
    /// <summary>What it was about, where the other entries of the push were found stored; else null: all of
    /// it.</summary>
    public PushBody? Rest { get; init; }
}

/// <summary>Sends the fragments of a lane, one push at a time and in order, until each is accepted or a dead
/// letter.</summary>
internal sealed class LaneWriter : LaneRunner
{
    // 429 answers in a row after which a push is halved: its size may exceed a burst that the answer does not state.
    private const int ThrottlesBeforeSplit = 8;

    /// <summary>Longest wait that an endpoint may ask for.</summary>
    private static readonly TimeSpan RetryAfterMax = TimeSpan.FromHours(1);

    // Somebody has to act before it can succeed: begin with 5 s at the most, not with half a second.
    private const int MisconfiguredFactor = 10;

    private readonly ILaneQueue _lane;
    private readonly EndpointSettings _endpoint;
    private readonly WriterContext _context;
    private readonly IPushGate _gate;
    private readonly Func<bool> _mayLeave;
    private readonly Random _random;
    private readonly LaneMetrics _metrics;
    private readonly string _tenant;
    private readonly List<DeadLetter> _letters = [];
    private readonly EntrySearch _search;
    private readonly Reconciliation _reconciliation;

    public LaneWriter(
        ILaneQueue lane, EndpointSettings endpoint, WriterContext context, IPushGate gate, Random random)
        : base("writer", lane, endpoint, endpoint.BatchBytes, context)
    {
        _lane = lane;
        _endpoint = endpoint;
        _context = context;
        _gate = gate;
        _mayLeave = () => gate.IsOpen;
        _random = random;
        _tenant = lane.Key.Tenant.Length > 0 ? lane.Key.Tenant : endpoint.TenantId;
        _metrics = context.Events.MetricsOf(lane.Key.Destination, endpoint.Host, _tenant);
        _search = new EntrySearch(
            SettleAsync, endpoint.Lookup is null ? null : LookUpAsync, Bury, context.Encoders);
        _reconciliation = new Reconciliation(lane.Key, endpoint, _tenant, context);
    }

    protected override async ValueTask DeliverAsync(CancellationToken cancel)
    {
        Progress.Sending(Items.Count);
        _letters.Clear();
        BuryDamaged();
        await DeliverAsync(Items.FindAll(item => PushBody.IsWhole(item.Fragment)), cancel);
        Acknowledge();
    }

    private async ValueTask DeliverAsync(List<LaneItem> items, CancellationToken cancel)
    {
        if (items.Count == 0) return;
        var settled = await SettleAsync(PushBody.Join(items), cancel);
        switch (settled.Decision.Verdict)
        {
            case Verdict.Accepted:
                return;
            case Verdict.Refused when settled.Rest is { } rest:
                Bury(rest.Pieces[0], rest.Facts, settled);
                return;
            case not Verdict.Refused when settled.Rest is { } rest:
                await _search.ResolveAsync(rest, settled, storesValid: false, cancel);
                return;
            case Verdict.Refused:
                foreach (var item in items) Bury(item.Fragment.Body, item.Fragment.Facts, settled);
                return;
            case Verdict.TooLarge when items.Count > 1:
                var half = items.Count / 2;
                await DeliverAsync(items[..half], cancel);
                await DeliverAsync(items[half..], cancel);
                return;
            default:
                await _search.ResolveAsync(items, settled, cancel);
                return;
        }
    }

    /// <summary>Sends the same bytes until the endpoint decides over them, or only what of them it is found to
    /// lack.</summary>
    private async ValueTask<Settlement> SettleAsync(PushBody body, CancellationToken cancel)
    {
        var backoff = new Backoff(_endpoint.BackoffMin, _endpoint.BackoffMax);
        var patient = backoff with { Min = _endpoint.BackoffMin * MisconfiguredFactor };
        var push = new PendingPush(body);
        if (push.IsInDoubt && _reconciliation.IsOn) await Task.Delay(_reconciliation.SettleTime, _context.Time, cancel);
        int failures = 0, throttles = 0, refusals = 0;
        while (true)
        {
            var answer = await AttemptAsync(push, cancel);
            var decision = AnswerTable.Decide(answer, _endpoint.RetryOnRateLimit);
            TimeSpan delay;
            switch (decision.Verdict)
            {
                case Verdict.Throttled:
                    delay = answer.RetryAfter > TimeSpan.Zero ? answer.RetryAfter : backoff.Delay(++throttles, _random);
                    if (throttles >= ThrottlesBeforeSplit && push.Body.Facts.Entries > 1)
                        return push.Settle(new(Verdict.TooLarge, decision.Reason), answer.Status, answer.Detail);
                    Progress.Troubled(LaneState.Throttled, Describe(answer), delay);
                    break;
                case Verdict.Misconfigured:
                    delay = patient.Delay(++refusals, _random);
                    Progress.Troubled(LaneState.Misconfigured, Describe(answer), delay);
                    break;
                case Verdict.Failed when _endpoint.RetriesMax > 0 && failures >= _endpoint.RetriesMax:
                    return push.Settle(
                        new(Verdict.Refused, DropReason.IngesterError), answer.Status, Describe(answer));
                case Verdict.Failed:
                    delay = backoff.Delay(++failures, _random);
                    if (delay < answer.RetryAfter) delay = answer.RetryAfter;
                    Progress.Troubled(LaneState.Retrying, Describe(answer), delay);
                    break;
                default:
                    Settled(decision, push.Body);
                    return push.Settle(decision, answer.Status, answer.Detail);
            }

            if (push.IsInDoubt && _reconciliation.IsOn && delay < _reconciliation.SettleTime)
                delay = _reconciliation.SettleTime;
            await WaitAsync(delay < RetryAfterMax ? delay : RetryAfterMax, cancel);
        }
    }

    /// <summary>Sends a push; one that may have been stored already is looked up first.</summary>
    private async ValueTask<PushAnswer> AttemptAsync(PendingPush push, CancellationToken cancel)
    {
        if (push.IsInDoubt && _reconciliation.IsOn)
        {
            var lookup = await _reconciliation.FindAsync(push.Body, cancel);
            if (push.Conclude(lookup, _endpoint.Lookup!) is { } answer) return answer;
        }

        var sent = await PushAsync(push.Body, cancel);
        push.IsInDoubt |= AnswerTable.MayBeStored(sent);
        return sent;
    }

    /// <summary>What the endpoint has of a push; null where it does not tell.</summary>
    private async ValueTask<Lookup?> LookUpAsync(PushBody push, CancellationToken cancel)
    {
        var backoff = new Backoff(_endpoint.BackoffMin, _endpoint.BackoffMax);
        for (var failures = 1; _reconciliation.IsOn; failures++)
        {
            var lookup = await _reconciliation.FindAsync(push, cancel);
            switch (lookup.Outcome)
            {
                case LookupOutcome.Found or LookupOutcome.Missing or LookupOutcome.Partly:
                    return lookup;
                case LookupOutcome.Unreachable when _endpoint.Lookup!.SharesServer:
                case LookupOutcome.Unreachable or LookupOutcome.Failed when failures < Reconciliation.FailuresMax:
                    await WaitAsync(backoff.Delay(failures, _random), cancel);
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    private async ValueTask<PushAnswer> PushAsync(PushBody body, CancellationToken cancel)
    {
        await ResumedAsync(cancel);
        await EnterAsync(body.Facts.LineBytes, cancel);
        var started = _context.Time.GetTimestamp();
        PushAnswer answer;
        try
        {
            answer = await _endpoint.Client.PushAsync(body.Pieces, _tenant, cancel, _mayLeave);
        }
        finally
        {
            _gate.Leave(body.Facts.LineBytes);
        }

        _metrics.RequestDuration(answer.Status.ToString(CultureInfo.InvariantCulture))
            .Observe(_context.Time.GetElapsedTime(started).TotalSeconds);
        _metrics.RequestSize.Observe(body.Bytes);
        return answer;
    }

    private async ValueTask EnterAsync(int lineBytes, CancellationToken cancel)
    {
        for (var turn = _gate.Enter(lineBytes); turn.Wait > TimeSpan.Zero; turn = _gate.Enter(lineBytes))
        {
            if (turn.Reason.Length > 0) Progress.Troubled(turn.State, turn.Reason, turn.Wait);
            await DelayAsync(turn.Wait, cancel);
        }
    }

    private async ValueTask WaitAsync(TimeSpan delay, CancellationToken cancel)
    {
        await DelayAsync(delay, cancel);
        _metrics.Retries.Increment();
    }

    private void Settled(Decision decision, PushBody body)
    {
        var isStored = decision.Verdict is Verdict.Accepted or Verdict.Invalid;
        Progress.Settled(isStored ? body.Bytes : 0);
        if (!isStored) return;
        _metrics.SentBytes.Add((long)body.Bytes);
        if (decision.Verdict != Verdict.Accepted) return;
        var newest = _context.Time.GetUtcNow() - DateTimeOffset.UnixEpoch
            - TimeSpan.FromTicks(body.Facts.TimestampMax / TimeSpan.NanosecondsPerTick);
        _metrics.Propagation.Observe(Math.Max(newest.TotalSeconds, 0));
    }

    private void BuryDamaged()
    {
        foreach (var (fragment, _, _) in Items)
        {
            if (PushBody.IsWhole(fragment)) continue;
            Bury(fragment.Body, fragment.Facts, new Settlement(
                new(Verdict.Refused, DropReason.Damaged), 0, $"fragment {fragment.Id} is damaged"));
        }
    }

    private void Bury(ReadOnlyMemory<byte> body, FragmentFacts facts, Settlement settled)
    {
        // A copy: the letter outlives the fragment's rented memory.
        _letters.Add(new DeadLetter(
            _lane.Key, facts, body.ToArray(), settled.Decision.Reason, settled.Status, settled.Detail,
            _context.Time.GetUtcNow()));
        _context.Events.EntriesDropped(_lane.Key.Destination, _endpoint.Host, _tenant,
            settled.Decision.Reason, facts.Entries, facts.LineBytes);
        _context.Events.EntriesRefused(
            _lane.Key, settled.Decision.Reason, settled.Status, settled.Detail, facts.Entries);
    }

    private void Acknowledge()
    {
        var entries = 0;
        foreach (var item in Items) entries += item.Fragment.Facts.Entries;
        foreach (var letter in _letters) entries -= letter.Facts.Entries;
        _metrics.SentEntries.Add((long)entries);
        _lane.Acknowledge(Items, [.. _letters]);
        Items.Clear();
    }

    private static string Describe(in PushAnswer answer) => answer.Outcome switch
    {
        PushOutcome.Answered => $"status {answer.Status}: {answer.Detail}",
        _ => answer.Detail,
    };
}
