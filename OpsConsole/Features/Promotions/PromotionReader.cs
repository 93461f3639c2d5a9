using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Promotions;

/// <summary>An agent's promotions with where their tests stand, read out of the rows whenever somebody asks.</summary>
public sealed class PromotionReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    /// <summary>So many proposals of an agent are listed, the newest first.</summary>
    internal const int MostListed = 100;

    public static string Topic(string agentId) => "promotions:" + agentId;

    /// <summary>The newest first.</summary>
    public async Task<Result<IReadOnlyList<PromotionView>>> ListAsync(PersonCaller caller, string agentId, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Agent(state, caller, agentId).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        return await ViewsAsync(db, state, caller, db.Promotions.AsNoTracking().Where(p => p.AgentId == agentId), ct);
    }

    /// <summary>What is open: for the bars beside an agent's tiers.</summary>
    public async Task<IReadOnlyList<PromotionView>> OpenAsync(PersonCaller caller, string agentId, CancellationToken ct)
    {
        var state = writer.State;
        if (!Sight.Agent(state, caller, agentId).Ok) return [];
        await using var db = await factory.CreateDbContextAsync(ct);
        return (await ViewsAsync(db, state, caller, db.Promotions.AsNoTracking().Where(p => p.AgentId == agentId && p.State == PromotionState.Open), ct)).Value;
    }

    public async Task<Result<PromotionView>> GetAsync(PersonCaller caller, string agentId, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Agent(state, caller, agentId).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        return await FindAsync(db.Promotions.AsNoTracking(), agentId, id, ct) is { } proposal ? View(proposal, await PromotionEvidence.ReadAsync(db, proposal, time.GetUtcNow(), ct), state, caller, time.GetUtcNow()) : Fault.NotFound("promotion of this agent");
    }

    /// <summary>The runs that count, in their order; <c>after</c> is the number of the last one before.</summary>
    public async Task<Result<Wire.Page<RunView>>> RunsAsync(PersonCaller caller, string agentId, string id, PageQuery page, CancellationToken ct)
    {
        if (Sight.Agent(writer.State, caller, agentId).Fault is { } fault) return fault;
        if (!int.TryParse(page.After ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var after)) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
        await using var db = await factory.CreateDbContextAsync(ct);
        if (await FindAsync(db.Promotions.AsNoTracking(), agentId, id, ct) is not { } proposal) return Fault.NotFound("promotion of this agent");
        var all = Runs(await PromotionEvidence.ReadAsync(db, proposal, time.GetUtcNow(), ct));
        return Wire.PageOf([.. all.Skip(after).Take(page.Limit + 1)], page.Limit, r => r.Number.ToString(CultureInfo.InvariantCulture), r => r);
    }

    /// <summary>All runs that count, for the page: at most <see cref="PromotionEvidence.MostRuns"/>.</summary>
    internal async Task<Result<IReadOnlyList<RunView>>> AllRunsAsync(PersonCaller caller, string agentId, string id, CancellationToken ct)
    {
        if (Sight.Agent(writer.State, caller, agentId).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        if (await FindAsync(db.Promotions.AsNoTracking(), agentId, id, ct) is not { } proposal) return Fault.NotFound("promotion of this agent");
        return (RunView[])[.. Runs(await PromotionEvidence.ReadAsync(db, proposal, time.GetUtcNow(), ct))];
    }

    /// <summary>All that the page shows.</summary>
    public async Task<Result<PromotionsView>> PageAsync(PersonCaller caller, string agentId, CancellationToken ct)
    {
        var (state, now) = (writer.State, time.GetUtcNow());
        if (Sight.Agent(state, caller, agentId) is not { Ok: true, Value: var agent }) return Fault.NotFound("agent");
        await using var db = await factory.CreateDbContextAsync(ct);
        var promotions = await ViewsAsync(db, state, caller, db.Promotions.AsNoTracking().Where(p => p.AgentId == agentId), ct);
        if (promotions.Fault is { } fault) return fault;
        var grants = (await db.Grants.AsNoTracking().Where(g => g.AgentId == agentId && g.EndedAt == null).ToListAsync(ct)).FindAll(g => g.Live(now));
        var (setbacks, length) = (await SetbacksAsync(db, agentId, ct), await CoolDownAsync(db, agent.Rollout.Id, ct));
        var templates = grants.Select(g => g.TemplateId).OfType<string>().Distinct().ToList();
        var advances = (await db.TierTemplates.AsNoTracking().Where(t => templates.Contains(t.Id)).ToListAsync(ct)).ToDictionary(t => t.Id, t => TemplateLines.Parse(JsonElement.Parse(t.Lines)));
        var capabilities = grants.OrderBy(g => g.Capability, StringComparer.Ordinal).Select(g => new CapabilityView(g.Capability, g.Id, g.TierAt(now), g.TierAt(now) < Tier.Executor ? g.TierAt(now) + 1 : null, CoolDown.Until(g.Capability, setbacks, length, now),
            promotions.Value.FirstOrDefault(p => p.Capability == g.Capability && p.State is "open" or "passed")?.Id, [.. Rules(agent.Rollout, g.Capability).Select(r => new RuleView(r.Id, RuleSentence.Scope(r.Action, r.Resource, r.When)))],
            g.TemplateId is { } from && advances.TryGetValue(from, out var lines) && lines.Ok ? lines.Value.FirstOrDefault(l => l.Capability == g.Capability)?.Advance : null));
        var me = state.Directory.People[caller.Id];
        return new PromotionsView(agentId, agent.Name, agent.Rollout.Id, agent.Rollout.Name, agent.Retired, promotions.Value, [.. capabilities], length.TotalDays, !agent.Retired && Permissions.MayProposePromotion(me, agent));
    }

    /// <summary>By its id, of this agent; null: there is none.</summary>
    internal static async Task<PromotionProposal?> FindAsync(IQueryable<PromotionProposal> promotions, string agentId, string id, CancellationToken ct)
        => Ids.TrySeq(id, "prm", out var seq) && await promotions.SingleOrDefaultAsync(p => p.Seq == seq, ct) is { } found && found.Id == id && found.AgentId == agentId ? found : null;

    /// <summary>The rows of the published matrix that an action of the capability can meet, and that do not deny: kinds of cases that can be shown.</summary>
    internal static IReadOnlyList<MatrixRule> Rules(RolloutAuthority rollout, string capability)
        => [.. (rollout.Policy?.Document.Rules ?? []).Where(r => r.Outcome != RuleOutcome.Deny && CoolDown.Touch(r.Action.ToLowerInvariant(), capability))];

    /// <summary>From what a cool-down runs: tests that were not passed, and tiers that were lowered.</summary>
    internal static async Task<IReadOnlyList<(string Capability, DateTimeOffset At)>> SetbacksAsync(OpsDbContext db, string agentId, CancellationToken ct)
        => [.. (await db.Promotions.AsNoTracking().Where(p => p.AgentId == agentId && p.Cools && p.EndedAt != null).Select(p => new { p.Capability, At = p.EndedAt!.Value }).ToListAsync(ct)).Select(p => (p.Capability, p.At)),
            .. (await db.Grants.AsNoTracking().Where(g => g.AgentId == agentId && g.Demoted).Select(g => new { g.Capability, g.CreatedAt }).ToListAsync(ct)).Select(g => (g.Capability, g.CreatedAt))];

    /// <summary>How much a promotion has to prove in this rollout; null: as usual.</summary>
    internal static async Task<double?> AgreedAsync(OpsDbContext db, string rolloutId, CancellationToken ct)
    {
        var thresholds = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => r.Thresholds).SingleAsync(ct);
        return thresholds is not null && JsonElement.Parse(thresholds).TryGetProperty(PromotionTerms.AgreedTarget, out var share) && share.TryGetDouble(out var number) && number is > 0.05 and < 1 ? number : null;
    }

    internal static async Task<TimeSpan> CoolDownAsync(OpsDbContext db, string rolloutId, CancellationToken ct)
    {
        var thresholds = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => r.Thresholds).SingleAsync(ct);
        return CoolDown.Length(thresholds is not null && JsonElement.Parse(thresholds).TryGetProperty(CoolDown.Threshold, out var days) && days.TryGetDouble(out var number) ? number : null);
    }

    internal static IReadOnlyList<RunView> Runs(Evidence evidence)
    {
        List<RunView> runs = [];
        var (faults, judged) = (0, evidence.Result.Judged.N);
        foreach (var run in evidence.Runs)
        {
            if (!run.Clean) faults++;
            runs.Add(new(runs.Count + 1, run.DecisionId, run.Action, run.RuleId, run.At, run.Clean, run.Fault, faults, runs.Count < judged));
        }
        return runs;
    }

    private async Task<Result<IReadOnlyList<PromotionView>>> ViewsAsync(OpsDbContext db, ConsoleState state, PersonCaller caller, IQueryable<PromotionProposal> of, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        List<PromotionView> views = [];
        foreach (var proposal in await of.OrderByDescending(p => p.Seq).Take(MostListed).ToListAsync(ct)) views.Add(View(proposal, await PromotionEvidence.ReadAsync(db, proposal, now, ct), state, caller, now));
        return views;
    }

    private static PromotionView View(PromotionProposal p, Evidence evidence, ConsoleState state, PersonCaller caller, DateTimeOffset now)
    {
        var (agent, terms, result) = (state.Agents[p.AgentId], p.Terms, evidence.Result);
        var word = p.State == PromotionState.Open && now < p.ExpiresAt && result.Verdict == PromotionVerdict.Met ? "passed" : p.State == PromotionState.Open && now >= p.ExpiresAt ? "expired" : p.State.ToString().ToLowerInvariant();
        var (wilson, faults, sprt) = (result.Judged.Wilson(), result.Judged.N - result.Judged.K, terms.Plan().Sequential);
        var progress = new ProgressView(result.Verdict switch { PromotionVerdict.Met => "met", PromotionVerdict.Rejected => "rejected", _ => "not_yet" }, evidence.Runs.Count, result.Judged.N, result.Judged.K, result.MoreRuns, result.FailuresLeft, wilson?.Low, wilson?.High,
            sprt?.AcceptAt(result.Judged.N), sprt?.RejectAt(result.Judged.N), evidence.Full);
        return new PromotionView(p.Id, p.AgentId, agent.Name, p.RolloutId, p.Capability, p.From, p.To, word, p.ProposedBy, state.Directory.NameOf(p.ProposedBy), p.Reason, p.At, p.ExpiresAt,
            new TestView(terms.Sequential ? "sequential" : "fixed", terms.Sequential ? null : terms.Target, terms.Sequential ? null : terms.Sample, terms.P1, terms.Sequential ? terms.P2 : null, terms.Sequential ? terms.Alpha : null, terms.Sequential ? terms.Beta : null),
            [.. result.Classes.Select(c => new ClassView(c.ScenarioClass, c.Seen, c.Missing))], terms.EachAtLeast, terms.ReviewDays, terms.Words, progress, Standing(result, faults), p.EndedAt, p.EndedBy, p.EndedBy is { } by ? state.Directory.NameOf(by) : null, p.EndReason, p.GrantId,
            Rights(p, agent, state, caller, word));
    }

    private static string Standing(PromotionResult result, long faults)
    {
        var clean = $"{result.Judged.K.ToString("N0", CultureInfo.InvariantCulture)} of {Counted.Of(result.Judged.N, "run")} clean";
        var missing = result.Classes.Where(c => c.Missing > 0).Select(c => $"{c.Missing} more of {c.ScenarioClass}").ToList();
        var rest = missing.Count == 0 ? "" : $" Still to be met: {string.Join(", ", missing)}.";
        return result switch
        {
            { Verdict: PromotionVerdict.Met } => $"Passed: {clean}, and every row was met.",
            { Verdict: PromotionVerdict.Rejected } => $"Not passed: {clean}; with {Counted.Of(faults, "fault")} it cannot be passed any more.",
            { TestDecided: true } => $"{clean}: that is enough.{rest}",
            { FailuresLeft: { } left } => $"{clean} so far. {Counted.Of(result.MoreRuns, "more run is", "more runs are")} needed, of which {(left == 0 ? "none" : $"at most {left}")} may have a fault.{rest}",
            _ => $"{clean} so far. {Counted.Of(result.MoreRuns, "more run is", "more runs are")} needed if all of them are clean; each fault makes it more.{rest}",
        };
    }

    private static PromotionRights Rights(PromotionProposal p, AgentAuthority agent, ConsoleState state, PersonCaller caller, string word)
    {
        var me = state.Directory.People[caller.Id];
        var open = word is "open" or "passed" && !agent.Retired;
        var confirm = Permissions.MayConfirmPromotion(me, agent) && p.ProposedBy != me.Id;
        return new(word == "passed" && !agent.Retired && confirm, open && (p.ProposedBy == me.Id || Permissions.MayConfirmPromotion(me, agent)), confirm || !open ? null : p.ProposedBy == me.Id ? "You proposed it, so somebody else confirms it." : PromotionDesk.Confirmers);
    }
}
