using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Data.State;

namespace OpsConsole.Data.Writer;

/// <summary>
/// What the writer keeps in memory, and how it stays a true cache of the database: authority, cap counters, recent calls.
/// When another instance wrote in between (the head moved), the counters are dropped and the calls it recorded are replayed.
/// </summary>
internal sealed class WriterMemory(IWriterStore store)
{
    private const int ShortStretch = 1_000;

    private ConsoleState _state = ConsoleState.Empty;
    private long _seenSeq = -1;
    private bool _followed;

    public CapLedger Caps { get; } = new();
    public LoopDetector Loops { get; } = new();
    public ConsoleState State => Volatile.Read(ref _state);

    /// <summary>Called with the head locked: reads what moved since this instance last looked.</summary>
    public async Task FollowAsync(LogHead head, DateTimeOffset now, CancellationToken ct)
    {
        if (head.Epoch == _state.Epoch && head.Seq == _seenSeq) return;
        await using var db = store.Context();
        if (head.Epoch != _state.Epoch)
        {
            Caps.Forget();   // caps may have been set or lifted: what was counted before does not say what was used
            Volatile.Write(ref _state, await StateLoader.LoadAsync(db, head, _state, now, ct));
            _followed = true;
        }
        if (head.Seq == _seenSeq) return;
        Caps.Forget();
        if (_seenSeq < 0) Loops.Forget();
        // Looking for the place of a time takes many round trips with the head locked, which a short stretch is not worth.
        var from = _seenSeq >= 0 && head.Seq - _seenSeq <= ShortStretch ? _seenSeq + 1 : Math.Max(_seenSeq + 1, await LogClock.FirstSeqAtAsync(db, now - LoopDetector.MaxWindow, head.Seq, ct));
        var recent = db.Decisions.AsNoTracking().Where(d => d.Seq >= from && d.Mode == AskMode.Live).OrderBy(d => d.Seq).Select(d => new { d.AgentId, d.RunId, d.Digest, d.At });
        await foreach (var call in recent.AsAsyncEnumerable().WithCancellation(ct))
        {
            if (!_state.Agents.TryGetValue(call.AgentId, out var agent) || call.At <= now - agent.Caps.SameCallWindow) continue;
            Loops.Seen(call.AgentId, call.RunId, call.Digest, call.At, agent.Caps.SameCall, agent.Caps.SameCallWindow);
        }
        _seenSeq = head.Seq;
    }

    /// <summary>True once after authority was taken over from another instance: somebody has to be told.</summary>
    public bool TakeFollowed()
    {
        var followed = _followed;
        _followed = false;
        return followed;
    }

    public void Committed(LogHead head, ConsoleState? moved)
    {
        Caps.Committed();
        _seenSeq = head.Seq;
        if (moved is null) return;
        Caps.Forget();
        Volatile.Write(ref _state, moved);
    }

    public void RolledBack() => Caps.RolledBack();

    /// <summary>After a failure: trust nothing.</summary>
    public void Distrust()
    {
        Caps.Forget();
        _seenSeq = -1;
    }

    /// <summary>Makes every counter known that these items may touch.</summary>
    public async Task LoadCapsAsync(List<WriteItem> items, Dictionary<long, ReportTarget> targets, DateTimeOffset now, CancellationToken ct)
    {
        Dictionary<CapWindow, (AgentAuthority Agent, CapLimit Limit, string? RunId, DateTimeOffset At)>? missing = null;
        foreach (var item in items)
        {
            if (item is AskItem { Ask.Mode: AskMode.Live } ask) Need(ask.AgentId, ask.Ask.RunId, now);
            else if (item is ReportItem report && targets.TryGetValue(report.Seq, out var target)) Need(target.AgentId, target.RunId, target.At);
        }
        if (missing is not null) await LoadAsync(missing, ct);

        void Need(string agentId, string? runId, DateTimeOffset at)
        {
            if (!_state.Agents.TryGetValue(agentId, out var agent)) return;
            foreach (var limit in agent.Caps.Limits)
            {
                if (CapWindow.At(agentId, limit, runId, at, agent.Rollout.Zone) is { } window && !Caps.Knows(window)) (missing ??= [])[window] = (agent, limit, runId, at);
            }
        }
    }

    public async Task AdjustCapsAsync(DecisionRecord decision, long usd, long tokens, long decisions, DateTimeOffset now, CancellationToken ct)
    {
        if (!_state.Agents.TryGetValue(decision.AgentId, out var agent)) return;
        Dictionary<CapWindow, (AgentAuthority, CapLimit, string?, DateTimeOffset)> missing = [];
        foreach (var limit in agent.Caps.Limits)
        {
            if (CapWindow.At(agent.Id, limit, decision.RunId, decision.At, agent.Rollout.Zone) is { } window && !Caps.Knows(window)) missing[window] = (agent, limit, decision.RunId, decision.At);
        }
        if (missing.Count > 0) await LoadAsync(missing, ct);
        Caps.Add(agent.Id, agent.Caps, decision.RunId, decision.At, agent.Rollout.Zone, usd, tokens, decisions);
    }

    private async Task LoadAsync(Dictionary<CapWindow, (AgentAuthority Agent, CapLimit Limit, string? RunId, DateTimeOffset At)> missing, CancellationToken ct)
    {
        var stored = await store.FindCapUsageAsync([.. missing.Keys], ct);
        foreach (var (window, about) in missing)
        {
            // A counter last written before these caps were set may have a hole: the caps could have been lifted for a while.
            var kept = stored.TryGetValue(window, out var usage) && (usage.At >= about.Agent.Caps.Since || !UnderWay(about.Agent, about.Limit, about.At));
            Caps.Load(window, kept ? usage.Used : await RecountAsync(window, about.Agent, about.Limit, about.RunId, about.At, ct));
        }
    }

    // A run has no clock: one that was under way when the caps were set is looked up for a day.
    private static bool UnderWay(AgentAuthority agent, CapLimit limit, DateTimeOffset at)
        => CapWindow.Start(limit.Span, at, agent.Rollout.Zone) is { } began ? began < agent.Caps.Since : at <= agent.Caps.Since.AddDays(1);

    /// <summary>A window without a counter: nothing was used under these caps, unless it began before they were set; then the log says what was used.</summary>
    private async Task<long> RecountAsync(CapWindow window, AgentAuthority agent, CapLimit limit, string? runId, DateTimeOffset at, CancellationToken ct)
    {
        if (!UnderWay(agent, limit, at)) return 0;
        var start = CapWindow.Start(limit.Span, at, agent.Rollout.Zone);
        await using var db = store.Context();
        var decisions = db.Decisions.AsNoTracking().Where(d => d.AgentId == window.AgentId && d.Mode == AskMode.Live);
        if (start is { } from)
        {
            var seq = await LogClock.FirstSeqAtAsync(db, from, null, ct);
            decisions = decisions.Where(d => d.Seq >= seq);
        }
        else decisions = decisions.Where(d => d.RunId == runId);
        // A decision counts once it was made for people to decide, whatever they said; its money only while it may run. In SQL, because there may be many: the rule is Spent.Of.
        if (limit.Unit == CapUnit.Decisions) return await decisions.LongCountAsync(d => d.Outcome == Outcome.Allow || d.Outcome == Outcome.Pending || db.Approvals.Any(a => a.Seq == d.Seq), ct);
        var costs = decisions.Where(d => d.Outcome == Outcome.Allow || d.Outcome == Outcome.Pending).GroupJoin(db.Outcomes, d => d.Seq, o => o.DecisionSeq, (d, o) => new { d, o }).SelectMany(x => x.o.DefaultIfEmpty(), (x, o) => new { x.d.ReservedUsd, x.d.ReservedTokens, o!.CostUsd, o.CostTokens, Skipped = o != null && o.Status == ReportStatus.Skipped });
        return limit.Unit == CapUnit.Usd
            ? await costs.SumAsync(c => c.CostUsd ?? (c.Skipped ? 0 : c.ReservedUsd), ct)
            : await costs.SumAsync(c => c.CostTokens ?? (c.Skipped ? 0 : c.ReservedTokens), ct);
    }
}
