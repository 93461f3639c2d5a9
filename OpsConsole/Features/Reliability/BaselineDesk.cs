using System.Globalization;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Reliability;

/// <summary>A day (or any day of a week) that a baseline leaves out, and why.</summary>
public sealed record ExcludedPoint(DateOnly Day, string Reason);

/// <summary><c>POST rollouts/{id}/baselines</c>: from which stretch what a figure usually is.</summary>
/// <param name="Action">Null: all that the agent does.</param>
/// <param name="From">Its first day, by the rollout's clocks; null: as far back as tier, gate and matrix are as they are now.</param>
/// <param name="To">Its last day, inclusive; null: the last that is over.</param>
public sealed record FixBaselineRequest(string AgentId, string? Action, Watched Measure, Grain Grain, DateOnly? From, DateOnly? To, IReadOnlyList<ExcludedPoint> Exclude, string Reason)
{
    internal static readonly IReadOnlyDictionary<string, Watched> Measures = WatchedSpec.All.ToDictionary(s => s.Wire, s => s.Watched);
    internal static readonly IReadOnlyDictionary<string, Grain> Grains = new Dictionary<string, Grain> { ["day"] = Grain.Day, ["week"] = Grain.Week };

    internal static FixBaselineRequest Read(Fields f)
        => new(f.Text("agent", 64, required: true) ?? "", f.Text("action", 200), f.Word("measure", Measures, required: true) ?? default, f.Word("grain", Grains) ?? Grain.Day, Day(f, "from"), Day(f, "to"), Excluded(f), f.Text("reason", required: true) ?? "");

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check()
        => TextRules.Wrong("reason", Reason, Baseline.LongestReason, required: true) ?? Exclude.Select((e, i) => TextRules.Wrong($"exclude[{i}].reason", e.Reason, Baseline.LongestReason, required: true)).FirstOrDefault(w => w is not null)
            ?? (Exclude.Count > ControlChart.Window ? Fault.Invalid("field.invalid", $"exclude names at most {ControlChart.Window} days.", "exclude") : null) ?? (Grain == Grain.Hour ? Fault.Invalid("field.invalid", "grain must be day or week.", "grain") : null);

    private static DateOnly? Day(Fields f, string name)
    {
        if (f.Text(name, 10) is not { } text) return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is > 2000 and < 2200) return day;
        f.Refuse(name, "must be a day such as 2026-11-21.");
        return null;
    }

    private static List<ExcludedPoint> Excluded(Fields f)
    {
        var list = f.Any("exclude");
        if (list.ValueKind is System.Text.Json.JsonValueKind.Undefined) return [];
        List<ExcludedPoint> excluded = [];
        if (list.ValueKind != System.Text.Json.JsonValueKind.Array) f.Refuse("exclude", "must be a list of a day and a reason each.");
        else
            foreach (var (i, item) in list.EnumerateArray().Take(ControlChart.Window + 1).Index())
            {
                var fields = new Fields(item, $"exclude[{i}]");
                fields.Text("day", 10, required: true);
                var (day, reason) = (Day(fields, "day"), fields.Text("reason", required: true));
                if (fields.Finish() is { } wrong) f.Refuse($"exclude[{i}]", "is wrong: " + wrong.Message);
                else excluded.Add(new(day!.Value, reason!));
            }
        return excluded;
    }
}

/// <summary>Fixes and ends baselines, by whoever governs the rollout; the clock ends those whose terms are no longer those that hold.</summary>
public sealed class BaselineDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    internal const string Fixers = "Baselines are fixed and ended by the rollout owner, their deputies, facilitators and admins.";
    internal const string Console = "console";

    public Fault? MayFix(PersonCaller caller, string rolloutId) => Sight.Rollout(writer.State, caller, rolloutId, Permissions.MayGovern, Fixers).Fault;

    /// <summary>
    /// Stores what a figure usually is. The figures are read before the change; inside it is asked again whether they are about what holds. Returns its id. Faults: not found, forbidden, <c>field.invalid</c>, <c>agent.unknown</c>, <c>figures.counting</c>,
    /// <c>baseline.few</c>, <c>baseline.flat</c>, <c>baseline.mixed</c> (it would begin before tier, gate or matrix changed), <c>baseline.outside</c>, <c>baseline.live</c>, <c>baseline.moved</c>.
    /// </summary>
    public async Task<Result<string>> FixAsync(PersonCaller caller, string rolloutId, FixBaselineRequest request, CancellationToken ct)
    {
        if (MayFix(caller, rolloutId) is { } refused) return refused;
        if (request.Check() is { } wrong) return wrong;
        var (state, now, spec) = (writer.State, writer.Now, WatchedSpec.Of(request.Measure));
        var (rollout, of) = (state.Rollouts[rolloutId], new Capability(request.AgentId, request.Action?.Trim().ToLowerInvariant() ?? ""));
        if (MonitoringReader.Watch(state, rolloutId).Find(a => a.Id == request.AgentId) is not { } agent) return Fault.Refused("agent.unknown", "There is no such agent at work in this rollout. Agents that are retired or in a sandbox are not watched.", "agent");
        var terms = BaselineTerms.Of(agent, of.Action, now);
        var read = await ReadAsync(rollout, agent, of, spec, request, now, ct);
        if (read.Fault is { } unread) return unread;
        var (points, to) = read.Value;
        var figures = Baseline.Reckon(spec, request.Grain, points);
        if (figures.Fault is { } few) return few;
        return await writer.ChangeAsync<string>(async (scope, inner) =>
        {
            if (Sight.Rollout(scope.State, caller, rolloutId, Permissions.MayGovern, Fixers).Fault is { } gone) return gone;
            if (!scope.State.Agents.TryGetValue(agent.Id, out var held) || held.Retired || BaselineTerms.Of(held, of.Action, scope.Now) is var holds && terms.Moved(holds) is not null) return Fault.Conflict("baseline.moved", "Tier, gate or matrix changed while you looked. A new baseline begins after that.");
            if (await scope.Db.Baselines.AnyAsync(b => b.AgentId == of.AgentId && b.Action == of.Action && b.Measure == spec.Watched && b.Grain == request.Grain && b.EndedAt == null, inner))
                return Fault.Conflict("baseline.live", "This figure has a baseline already, and none is moved silently. End it first, and say why.");
            var seq = scope.Head.Seq + 1;
            var baseline = new Baseline(seq, Ids.Make("bsl", seq, RandomNumberGenerator.GetBytes(8)), rolloutId, of.AgentId, of.Action, spec.Watched, request.Grain, points, to, figures.Value, terms, request.Reason.Trim(), caller.Id, scope.Now);
            scope.Audit(caller.Actor, "baseline.fixed", baseline.Id, new
            {
                agent = of.AgentId, action = of.Action.Length == 0 ? null : of.Action, measure = spec.Wire, grain = MonitoringWords.Word(request.Grain), from = baseline.From, to, points = figures.Value.Points, excluded = points.Count(p => p.Excluded is not null),
                centre = Exact(figures.Value.Centre), sigma = spec.Level ? Exact(figures.Value.Sigma) : null, sigma_z = Exact(figures.Value.SigmaZ), matrix_version = terms.MatrixVersion, tier = terms.Tier, gate = terms.Gate,
            }, new { reason = baseline.Reason, excluded = points.Where(p => p.Excluded is not null).Select(p => new { start = p.Start, reason = p.Excluded }) }, rolloutId);
            scope.Db.Baselines.Add(baseline);
            scope.Signal(ReliabilityReader.Topic(rolloutId));
            return baseline.Id;
        });
    }

    /// <summary>Ends one, with a reason. Twice is a conflict. Faults: not found, forbidden, <c>field.required</c>, <c>field.invalid</c>, <c>baseline.over</c>.</summary>
    public Task<Result<Done>> EndAsync(PersonCaller caller, string rolloutId, string id, string reason) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (Sight.Rollout(scope.State, caller, rolloutId, Permissions.MayGovern, Fixers).Fault is { } refused) return refused;
        if (TextRules.Wrong("reason", reason, Baseline.LongestReason, required: true) is { } wrong) return wrong;
        if (!Ids.TrySeq(id, "bsl", out var seq) || await scope.Db.Baselines.SingleOrDefaultAsync(b => b.Seq == seq, ct) is not { } baseline || baseline.Id != id || baseline.RolloutId != rolloutId) return Fault.NotFound("baseline");
        if (baseline.EndedAt is not null) return Fault.Conflict("baseline.over", "This baseline ended already.");
        End(scope, baseline, caller.Actor, caller.Id, reason.Trim());
        return Done.Value;
    });

    /// <summary>Ends one whose tier, gate or matrix is another now; nothing where it holds. For the clock.</summary>
    internal Task<Result<Done>> SettleAsync(long seq) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var baseline = await scope.Db.Baselines.SingleAsync(b => b.Seq == seq, ct);
        if (baseline.EndedAt is null && Over(scope.State, baseline.RolloutId, baseline.AgentId, baseline.Action, baseline.Terms, scope.Now) is { } why) End(scope, baseline, Actor.System, Console, why);
        return Done.Value;
    });

    /// <summary>Why a baseline is over, in words; null: it is not.</summary>
    internal static string? Over(ConsoleState state, string rolloutId, string agentId, string action, BaselineTerms terms, DateTimeOffset now)
        => !state.Agents.TryGetValue(agentId, out var agent) || agent.Rollout.Id != rolloutId || agent.Retired ? "the agent was retired" : terms.Moved(BaselineTerms.Of(agent, action, now));

    private static void End(ChangeScope scope, Baseline baseline, Actor by, string byId, string reason)
    {
        baseline.End(scope.Now, byId, reason);
        scope.Audit(by, "baseline.ended", baseline.Id, new { agent = baseline.AgentId, action = baseline.Action.Length == 0 ? null : baseline.Action, measure = WatchedSpec.Of(baseline.Measure).Wire }, new { reason }, baseline.RolloutId);
        scope.Signal(ReliabilityReader.Topic(baseline.RolloutId));
    }

    private async Task<Result<(IReadOnlyList<BaselinePoint> Points, DateTimeOffset To)>> ReadAsync(RolloutAuthority rollout, AgentAuthority agent, Capability of, WatchedSpec spec, FixBaselineRequest request, DateTimeOffset now, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var since = (await Standing.OfAsync(db, rollout, [agent.Id], now, ct)).Since(of);
        var over = Periods.StartOf(request.Grain, now, rollout.Zone);
        var counted = await ReliabilityReader.CountedAsync(db, rollout, over, ct);
        var figures = await CapabilityFigures.OfAsync(db, rollout.Id, agent.Id, request.Grain, Periods.Last(request.Grain, now, ControlChart.Window + 1, rollout.Zone), ct);
        DateTimeOffset Start(DateOnly day) => Periods.StartOf(request.Grain, Periods.DayStart(day, rollout.Zone), rollout.Zone);
        var inputs = figures.Of(of, spec.Watched).Where(p => p.End <= now).ToList();
        if (request.From is { } first && Start(first) < since)
            return Fault.Refused("baseline.mixed", $"Tier, gate or matrix changed on {MonitoringWords.Name(Grain.Day, since, rollout.Zone)}, and what people see changed with it. A baseline begins with the first whole {MonitoringWords.Word(request.Grain)} after that.", "from");
        if (request.To is { } last && Start(last) >= over) return Fault.Refused("baseline.outside", $"A baseline ends with a {MonitoringWords.Word(request.Grain)} that is over.", "to");
        var chosen = inputs.Where(p => p.Start >= since && (request.From is not { } f || p.Start >= Start(f)) && (request.To is not { } t || p.Start <= Start(t))).SkipWhile(p => request.From is null && p.N == 0).ToList();
        if (request.Exclude.FirstOrDefault(e => !chosen.Exists(p => p.Start == Start(e.Day))) is { } outside) return Fault.Refused("baseline.outside", string.Create(CultureInfo.InvariantCulture, $"{outside.Day:yyyy-MM-dd} lies outside of the baseline, so it cannot be excluded from it."), "exclude");
        if (chosen.Count == 0) return Baseline.Reckon(spec, request.Grain, []).Fault!;
        if (!counted || !await ReliabilityReader.CountedAsync(db, rollout, over, ct)) return new Fault(FaultKind.Unavailable, "figures.counting", "The figures are still being counted. Try again in a moment.");
        return ((IReadOnlyList<BaselinePoint>)[.. chosen.Select(p => new BaselinePoint(p.Start, p.K, p.N, request.Exclude.FirstOrDefault(e => Start(e.Day) == p.Start)?.Reason.Trim()))], chosen[^1].End);
    }

    // As text, so that the log says the number to its last digit.
    private static string Exact(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
