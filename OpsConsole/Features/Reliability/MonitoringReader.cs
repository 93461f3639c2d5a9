using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Reliability;

/// <summary>Which figure to look at.</summary>
/// <param name="Action">Null: all that the agent does.</param>
public sealed record ControlQuery(string AgentId, string? Action, Watched Measure, Grain Grain = Grain.Day, int Count = 30);

/// <summary>Reads how a rollout's capabilities stand against their stored baselines and their error budgets, for whoever sees the rollout. Signals come by <see cref="ReliabilityReader.Topic"/>.</summary>
public sealed class MonitoringReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    /// <summary>Of a rollout, besides the whole of each agent: the most asked actions of the last 30 days.</summary>
    public const int MostActions = 40;
    private const int RecentDays = 30, MostBaselines = 1_000;

    /// <summary>The page of one figure.</summary>
    public static string Page(string rolloutId, string agentId, string? action, string measure)
        => $"/rollouts/{rolloutId}/monitoring/{Uri.EscapeDataString(agentId)}/{measure}{(string.IsNullOrEmpty(action) ? "" : "?action=" + Uri.EscapeDataString(action))}";

    /// <summary>Everything that is watched. Fault: not found.</summary>
    public async Task<Result<MonitoringView>> FindAsync(PersonCaller me, string rolloutId, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        await using var db = await factory.CreateDbContextAsync(ct);
        var agents = Watch(state, rolloutId);
        var counting = !await ReliabilityReader.CountedAsync(db, rollout, Periods.StartOf(Grain.Day, now, rollout.Zone), ct);
        var days = await CapabilityFigures.OfAsync(db, rolloutId, null, Grain.Day, Periods.Last(Grain.Day, now, ControlChart.Window, rollout.Zone), ct);
        var baselines = await BaselinesAsync(db, rolloutId, null, ct);
        var weeks = baselines.Any(b => b is { Grain: Grain.Week, EndedAt: null }) ? await CapabilityFigures.OfAsync(db, rolloutId, null, Grain.Week, Periods.Last(Grain.Week, now, ControlChart.Window, rollout.Zone), ct) : days;
        var standing = await Standing.OfAsync(db, rollout, agents.Select(a => a.Id), now, ct);
        var own = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => r.Thresholds).SingleAsync(ct);
        var objectives = Objectives(own);
        var (overrides, failures) = (await BurnReader.OverridesAsync(db, rolloutId, now, ct), await BurnReader.FailuresAsync(db, rolloutId, rollout.Zone, now, ct));
        var actions = Actions(days, agents);
        List<CapabilityView> views = [];
        foreach (var agent in agents)
            foreach (var of in actions.Take(MostActions).Where(a => a.AgentId == agent.Id).OrderBy(a => a.Action, StringComparer.Ordinal).Prepend(new Capability(agent.Id, "")))
                views.Add(new(agent.Id, agent.Name, of.Action.Length == 0 ? null : of.Action, [.. WatchedSpec.All.Select(spec => Measure(spec, of, days, weeks, baselines, standing, rollout.Zone, now))],
                    [Burning("override", Overridden, objectives.Overrides, overrides, of), Burning("failure", Failed, objectives.Failures, failures, of)]));
        return new MonitoringView(rolloutId, rollout.Name, rollout.Zone.Id, counting, Sight.Me(state, me) is { Ok: true, Value: var person } && Permissions.MayGovern(person, rollout), Math.Max(0, actions.Count - MostActions), views);
    }

    /// <summary>One figure over time. Faults: not found, <c>field.invalid</c>.</summary>
    public async Task<Result<ControlView>> ChartAsync(PersonCaller me, string rolloutId, ControlQuery query, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        if (!state.Agents.TryGetValue(query.AgentId, out var agent) || agent.Rollout.Id != rolloutId) return Fault.NotFound("agent of this rollout");
        if (query.Count is < 1 or > ControlChart.Window) return Fault.Invalid("field.invalid", $"count must be from 1 to {ControlChart.Window}.", "count");
        if (query.Grain == Grain.Hour) return Fault.Invalid("field.invalid", "grain must be day or week.", "grain");
        await using var db = await factory.CreateDbContextAsync(ct);
        var mayFix = Sight.Me(state, me) is { Ok: true, Value: var person } && Permissions.MayGovern(person, rollout);
        var marks = await ChangeMarks.OfAsync(db, state, rolloutId, Periods.Last(query.Grain, now, query.Count, rollout.Zone)[0].Start, agent.Id, ct);
        return (await ChartsAsync(db, state, rollout, agent, query.Action, [WatchedSpec.Of(query.Measure)], query.Grain, now, query.Count, true, ct))[0] with { Marks = marks, MayFix = mayFix, RolloutName = rollout.Name };
    }

    /// <summary>The error budget of one capability, <c>override</c> or <c>failure</c>; null: the reader does not see it.</summary>
    public async Task<BurnView?> BurnAsync(PersonCaller me, string rolloutId, string agentId, string? action, string measure, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return null;
        await using var db = await factory.CreateDbContextAsync(ct);
        var (overrides, failures) = Objectives(await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => r.Thresholds).SingleAsync(ct));
        var of = new Capability(agentId, action?.ToLowerInvariant() ?? "");
        return measure == "override" ? Burning(measure, Overridden, overrides, await BurnReader.OverridesAsync(db, rolloutId, now, ct), of) : Burning(measure, Failed, failures, await BurnReader.FailuresAsync(db, rolloutId, rollout.Zone, now, ct), of);
    }

    internal const string Overridden = "requests edited or rejected", Failed = "executed actions failed";

    /// <summary>Several figures of a capability over the same time, without marks.</summary>
    /// <param name="whole">As far back as a baseline may reach.</param>
    internal static async Task<IReadOnlyList<ControlView>> ChartsAsync(OpsDbContext db, ConsoleState state, RolloutAuthority rollout, AgentAuthority agent, string? action, IReadOnlyList<WatchedSpec> specs, Grain grain, DateTimeOffset now, int count, bool whole, CancellationToken ct)
    {
        var of = new Capability(agent.Id, action?.ToLowerInvariant() ?? "");
        var baselines = await BaselinesAsync(db, rollout.Id, agent.Id, ct);
        // Where nothing is judged yet, no more is read than is shown and tells whether there is enough.
        var window = whole || baselines.Exists(b => b.Grain == grain && b.Action == of.Action) ? ControlChart.Window : Math.Max(count, Baseline.FewestPoints + 5);
        var figures = await CapabilityFigures.OfAsync(db, rollout.Id, agent.Id, grain, Periods.Last(grain, now, window, rollout.Zone), ct);
        var since = (await Standing.OfAsync(db, rollout, [agent.Id], now, ct)).Since(of);
        return [.. specs.Select(spec =>
        {
            var own = Own(baselines, spec, of, grain);
            var inputs = figures.Of(of, spec.Watched);
            var points = ControlChart.Of(spec, inputs, own);
            var closed = points.Where(p => p.Of.End <= now).ToList();
            var have = Have(inputs, since, now);
            return new ControlView(agent.Id, agent.Name, action, spec.Wire, spec.Words, MonitoringWords.Word(grain), rollout.Zone.Id, State(closed, own.LastOrDefault(), have).State,
                MonitoringWords.Sentence(spec, grain, rollout.Zone, closed), MonitoringWords.Judged(spec, grain, rollout.Zone, closed, own.LastOrDefault(), have, since), [.. points.TakeLast(count).Select(p => Point(spec, p, now))],
                own.Count == 0 ? null : BaselineView.Of(own[^1], state), since, have, Baseline.FewestPoints, [], false) { Candidates = [.. closed.Where(p => p.Of.Start >= since && p.Of.N > 0).Select(p => Point(spec, p, now))] };
        })];
    }

    /// <summary>The baselines of a rollout, the oldest first. Fault: not found.</summary>
    public async Task<Result<IReadOnlyList<BaselineView>>> BaselinesAsync(PersonCaller me, string rolloutId, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true }) return Fault.NotFound("rollout");
        await using var db = await factory.CreateDbContextAsync(ct);
        return (List<BaselineView>)[.. (await BaselinesAsync(db, rolloutId, null, ct)).Select(b => BaselineView.Of(b, state))];
    }

    internal static async Task<List<Baseline>> BaselinesAsync(OpsDbContext db, string rolloutId, string? agentId, CancellationToken ct)
    {
        var found = await db.Baselines.AsNoTracking().Where(b => b.RolloutId == rolloutId && (agentId == null || b.AgentId == agentId)).OrderByDescending(b => b.Seq).Take(MostBaselines).ToListAsync(ct);
        found.Reverse();
        return found;
    }

    internal static List<Baseline> Own(IEnumerable<Baseline> baselines, WatchedSpec spec, Capability of, Grain grain) => [.. baselines.Where(b => b.AgentId == of.AgentId && b.Action == of.Action && b.Measure == spec.Watched && b.Grain == grain)];

    /// <summary>The agents that are watched: at work, and not in a sandbox of a rollout that is none.</summary>
    internal static List<AgentAuthority> Watch(ConsoleState state, string rolloutId)
        => [.. state.Agents.Values.Where(a => a.Rollout.Id == rolloutId && !a.Retired && !(a.Simulated && !a.Rollout.Simulated)).OrderBy(a => a.Name, StringComparer.Ordinal).ThenBy(a => a.Id, StringComparer.Ordinal)];

    /// <summary>How many overrides and failures are allowed; null: on nothing is agreed.</summary>
    internal static (Threshold Overrides, Threshold? Failures) Objectives(string? own) => (Thresholds.Of(own).First(t => t.Name == Thresholds.OverrideRate), Thresholds.Failures(own));

    // Days or weeks that are over, since tier, gate and matrix are as they are, and that have something.
    internal static int Have(IEnumerable<ControlInput> points, DateTimeOffset since, DateTimeOffset now) => points.Count(p => p.Start >= since && p.End <= now && p.N > 0);

    private static List<Capability> Actions(CapabilityFigures days, IReadOnlyList<AgentAuthority> agents)
    {
        var known = agents.Select(a => a.Id).ToHashSet(StringComparer.Ordinal);
        return [.. days.Capabilities.Where(c => c.Action.Length > 0 && c.Action != Recount.OtherActions && known.Contains(c.AgentId))
            .Select(c => (Of: c, Cases: WatchedSpec.All.Sum(s => days.Of(c, s.Watched).TakeLast(RecentDays).Sum(p => p.N)))).Where(c => c.Cases > 0).OrderByDescending(c => c.Cases).ThenBy(c => c.Of.Action, StringComparer.Ordinal).Select(c => c.Of)];
    }

    private static MeasureView Measure(WatchedSpec spec, Capability of, CapabilityFigures days, CapabilityFigures weeks, IReadOnlyList<Baseline> baselines, Standing standing, TimeZoneInfo zone, DateTimeOffset now)
    {
        var grain = Own(baselines, spec, of, Grain.Day).Exists(b => b.EndedAt is null) || !Own(baselines, spec, of, Grain.Week).Exists(b => b.EndedAt is null) ? Grain.Day : Grain.Week;
        var (own, inputs) = (Own(baselines, spec, of, grain), (grain == Grain.Day ? days : weeks).Of(of, spec.Watched));
        var closed = ControlChart.Of(spec, inputs, own).Where(p => p.Of.End <= now).ToList();
        var (since, said) = (standing.Since(of), closed.LastOrDefault(p => p.Value is not null));
        var have = Have(inputs, since, now);
        var (state, from) = State(closed, own.LastOrDefault(), have);
        var says = said is null ? $"nothing {spec.Cases}" : $"{MonitoringWords.Point(spec, said)}, {MonitoringWords.When(grain, said.Of.Start, zone)}";
        return new(spec.Wire, state, state is "in_control" or "out_of_control" ? says : MonitoringWords.NoBaseline(grain, zone, own.LastOrDefault(), have, since), said?.Of.K ?? 0, said?.Of.N ?? 0, from?.Of.Start, have, Baseline.FewestPoints, MonitoringWords.Word(grain),
            own.LastOrDefault(b => b.EndedAt is null)?.Id, own.LastOrDefault() is { EndedAt: not null, EndReason: { } why } ? why : null);
    }

    private static (string State, ControlPoint? Since) State(IReadOnlyList<ControlPoint> closed, Baseline? last, int have)
    {
        if (last is not { EndedAt: null }) return (have >= Baseline.FewestPoints ? "no_baseline" : "not_enough_data", null);
        var since = ControlChart.OutSince(closed.Where(p => p.Baseline?.Seq == last.Seq && p.Of.Start >= last.To));
        return (since is null ? "in_control" : "out_of_control", since);
    }

    private static ControlPointView Point(WatchedSpec spec, ControlPoint of, DateTimeOffset now)
    {
        var p = of.Of.End > now ? of with { State = PointState.None } : of;   // what is not over is not judged
        return new(p.Of.Start, p.Of.End, p.Of.End > now, p.Of.K, p.Of.N, p.Value, p.Plotted, p.Limits is null ? null : p.Baseline?.Centre, p.Limits?.Low, p.Limits?.High, p.State.ToString().ToLowerInvariant(), p.Excluded, MonitoringWords.Point(spec, p));
    }

    private static BurnView Burning(string wire, string words, Threshold? threshold, BurnReader burns, Capability of)
    {
        var agreed = threshold?.Agreed ?? false;
        if (threshold is null || ErrorBudget.Objective(threshold.AtMost) is not { } slo)
        {
            var day = burns.Of(of, TimeSpan.FromDays(3));
            var why = threshold is null ? $"no objective agreed: the rollout sets {Thresholds.FailureRate}" : "no budget: the objective allows none, or everything";
            return new(wire, "no_objective", $"{why}; {day.K} of {day.N} {words} in the last 3 days", null, agreed, []);
        }
        var readings = ErrorBudget.Judge(w => burns.Of(of, w), slo);
        var (fires, longest) = (readings.FirstOrDefault(r => r.Verdict == BurnVerdict.Fires), readings[^1]);
        var state = !agreed ? "no_objective" : fires is not null ? fires.Rule.Pages ? "burning_page" : "burning_ticket" : longest.Verdict == BurnVerdict.NotEnoughData ? "not_enough_data" : "quiet";
        var says = !agreed ? System.FormattableString.Invariant($"no objective agreed, so nobody is told: {longest.Long.K} of {longest.Long.N} {words} in the last 3 days; the rollout sets {threshold.Name}") : fires is not null ? MonitoringWords.Burn(words, fires.Rule, fires.Long, fires.Short, fires.LongBurn)
            : state == "quiet" ? System.FormattableString.Invariant($"{longest.Long.K} of {longest.Long.N} {words} in the last 3 days: {longest.LongBurn:0.##} times as fast as the objective allows") : $"{longest.Long.K} of {longest.Long.N} {words} in the last 3 days; fewer than {ErrorBudget.FewestEvents} say too little";
        return new(wire, state, says, slo, agreed, [.. readings.Select(r => new BurnRuleView(r.Rule.Burn, MonitoringWords.Window(r.Rule.Long), MonitoringWords.Window(r.Rule.Short), r.Rule.Pages ? "page" : "ticket",
            r.Long.K, r.Long.N, r.LongBurn, r.Short.K, r.Short.N, r.ShortBurn, ErrorBudget.CanFire(r.Rule, slo), r.Verdict switch { BurnVerdict.Fires => "fires", BurnVerdict.Quiet => "quiet", _ => "not_enough_data" }))]);
    }
}
