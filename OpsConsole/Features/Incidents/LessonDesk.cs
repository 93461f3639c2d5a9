using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Evals;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Authority;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Evals;
using OpsConsole.Features.Workshop;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Incidents;

/// <summary>A decision that an incident is about: what a case or a rule is made from.</summary>
/// <param name="Rule">That governed it; null or <c>default</c>: none of the matrix.</param>
/// <param name="Arguments">As they were decided on, with an approver's edits.</param>
public sealed record LessonSource(string DecisionId, DateTimeOffset At, string Agent, string Action, string? ResourceType, string? ResourceId, string Outcome, string? Rule, JsonElement Arguments);

/// <summary>A scenario of the runbook and what is done in it.</summary>
public sealed record RunbookRow(string Id, string Scenario, string Response);

/// <summary>What can be made of an incident's actions.</summary>
/// <param name="Sources">Newest first; empty too where the reader does not see the rollout's decisions.</param>
/// <param name="Row">The scenario that the incident was reported under, where it still stands.</param>
public sealed record LessonSources(string RolloutId, IReadOnlyList<LessonSource> Sources, IReadOnlyList<RunbookRow> Runbook, string? Row, bool MayProposeRule, bool MayChangeRunbook);

/// <summary>
/// Makes what was learned hold: an action of a review becomes a case that later versions of the agent are tried with, a row in the matrix's draft, or a better runbook. The action remembers
/// what it became, in the same change; each step takes the right that it takes elsewhere.
/// </summary>
public sealed class LessonDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, RuleProposals proposals)
{
    /// <summary>Of one incident, so that a run of thousands of calls stays a list that one can choose from.</summary>
    public const int MostSources = 50;
    private const int LongestReason = 2_000;

    /// <summary>Not found where the incident is.</summary>
    public async Task<Result<LessonSources>> SourcesAsync(PersonCaller me, string id, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        await using var db = await factory.CreateDbContextAsync(ct);
        if (!Ids.TrySeq(id, "inc", out var seq) || await db.Incidents.AsNoTracking().SingleOrDefaultAsync(i => i.Seq == seq, ct) is not { } incident || incident.Id != id || !await IncidentDesk.SeesAsync(db, me, incident, state, now, ct)) return Fault.NotFound("incident");
        List<LessonSource> sources = [];
        if (Sight.Rollout(state, me, incident.RolloutId).Ok)
        {
            var about = await AboutAsync(db, incident, ct);
            var bodies = await BodiesAsync(db, [.. about.Select(d => d.ArgumentsSeq)], ct);
            sources.AddRange(about.Select(d => new LessonSource(d.Id, d.At, state.Agents.TryGetValue(d.AgentId, out var agent) ? agent.Name : d.AgentId, d.Action, d.ResourceType, d.ResourceId, d.Outcome.ToString().ToLowerInvariant(), d.RuleId,
                AskReader.Child(bodies.GetValueOrDefault(d.ArgumentsSeq), "arguments"))));
        }
        var rows = await IncidentIntake.RowsAsync(db, incident.RolloutId, ct);
        return new LessonSources(incident.RolloutId, sources, [.. rows.Where(r => r.Has("scenario")).Select(r => new RunbookRow(r.Id, r.Text("scenario"), r.Text("response")))], rows.Any(r => r.Id == incident.Row) ? incident.Row : null,
            proposals.MayPropose(me, incident.RolloutId), Runbook.MayChange(state, me, incident.RolloutId));
    }

    /// <summary>Keeps a decision of the incident as an eval case. Faults: not found, <c>incident.not_yours</c>, <c>field.invalid</c>, <c>decision.not_linked</c>.</summary>
    public Task<Result<Done>> KeepCaseAsync(PersonCaller me, string id, string actionId, string decisionId, EvalExpected expected, EvalCategory category, string reason) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var found = await TakeAsync(scope.Db, me, scope.State, scope.Now, id, actionId, ct);
        if (found.Fault is { } unseen) return unseen;
        var (incident, action) = found.Value;
        if (TextRules.Wrong("reason", reason, LongestReason, required: true) is { } wrong) return wrong;
        if (Sight.Rollout(scope.State, me, incident.RolloutId).Fault is { } hidden) return hidden;
        if (await SourceAsync(scope.Db, incident, decisionId, ct) is not { } d) return NotLinked();
        var bodies = await BodiesAsync(scope.Db, [d.Seq, d.ArgumentsSeq], ct);
        if (!bodies.TryGetValue(d.Seq, out var body)) return Fault.Refused("decision.erased", "What the agent sent with this decision was erased, so no case can be made of it.", "decision");
        var kept = await EvalCaseDesk.KeepAsync(scope, me.Actor, d, body, AskReader.Child(bodies.GetValueOrDefault(d.ArgumentsSeq), "arguments"), id, expected, category, reason.Trim(), ct);
        Learned(scope, me, incident, action, "eval_case", kept.Id, $"{d.Action} is an eval case now, expected: {(kept.Expected == EvalExpected.Deny ? "denied" : "a person is asked")}.");
        return Done.Value;
    });

    /// <summary>Puts a row made from a decision of the incident into the matrix's draft. Faults: not found, <c>incident.not_yours</c>, forbidden, <c>decision.not_linked</c>, those of a proposal.</summary>
    /// <param name="resource">Only for calls about the same type of resource.</param>
    public async Task<Result<ProposedRow>> ProposeRuleAsync(PersonCaller me, string id, string actionId, string decisionId, bool resource, IReadOnlyList<Condition> when, RuleOutcome outcome, string why, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var found = await TakeAsync(db, me, writer.State, writer.Now, id, actionId, ct);
        if (found.Fault is { } unseen) return unseen;
        var about = found.Value.Incident;
        if (await SourceAsync(db, about, decisionId, ct) is not { } decision) return NotLinked();
        var proposal = new RuleProposal(decision.Action, resource && decision.ResourceType is { } type ? new ResourcePattern(type) : null, when, outcome, decision.RuleId is "default" ? null : decision.RuleId, decision.Id, why);
        return await proposals.ProposeAsync(me, about.RolloutId, proposal, decision.Seq, ct, (scope, row) =>
        {
            var (incident, action) = (scope.Db.Incidents.Single(i => i.Id == id), scope.Db.IncidentActions.Single(a => a.Id == actionId));
            Learned(scope, me, incident, action, "rule", row.Row, $"Row {row.Row} about {decision.Action} stands in the draft of the matrix. It decides nothing before the draft is published.");
        });
    }

    /// <summary>Writes what is done in a scenario, or adds one. Faults: not found, <c>incident.not_yours</c>, <c>field.invalid</c>, forbidden, <c>row.unknown</c>, <c>runbook.stale</c>, those of a patch.</summary>
    /// <param name="row">Of the scenario; null: a new one called <paramref name="scenario"/>.</param>
    public Task<Result<Done>> ChangeRunbookAsync(PersonCaller me, string id, string actionId, string? row, string? scenario, string response, string? was) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var found = await TakeAsync(scope.Db, me, scope.State, scope.Now, id, actionId, ct);
        if (found.Fault is { } unseen) return unseen;
        var (incident, action) = found.Value;
        if (TextRules.Wrong("response", response, Core.Worksheets.Patch.MaxLength, required: true) is { } wrong) return wrong;
        if (row is null && TextRules.Wrong("scenario", scenario, 500, required: true) is { } unnamed) return unnamed;
        var written = await Runbook.WriteAsync(scope, me, incident.RolloutId, row, scenario?.Trim() ?? "", response.Trim(), was, ct);
        if (written.Fault is { } refused) return refused;
        Learned(scope, me, incident, action, "runbook", written.Value, row is null ? $"The runbook has a new scenario: {scenario!.Trim()}." : "The runbook's response was changed.");
        return Done.Value;
    });

    private static void Learned(ChangeScope scope, PersonCaller me, Incident incident, IncidentAction action, string kind, string reference, string text)
    {
        if (action.Learn(new Lesson(kind, reference, me.Id, scope.Now))) IncidentDesk.Note(scope, incident, me.Actor, "action", new { action = action.Id, became = kind, reference }, $"{action.Text} — {text}");
    }

    /// <summary>For whoever takes part in the incident, or has the action to do.</summary>
    private static async Task<Result<(Incident Incident, IncidentAction Action)>> TakeAsync(OpsDbContext db, PersonCaller me, ConsoleState state, DateTimeOffset now, string id, string actionId, CancellationToken ct)
    {
        if (await db.IncidentActions.SingleOrDefaultAsync(a => a.Id == actionId && a.IncidentId == id, ct) is not { } action) return Fault.NotFound("action of this incident");
        var incident = await db.Incidents.SingleAsync(i => i.Id == id, ct);
        if (!await IncidentDesk.SeesAsync(db, me, incident, state, now, ct)) return Fault.NotFound("action of this incident");
        return action.OwnerId == me.Id || IncidentDesk.TakesPart(me, incident, state, now) ? (incident, action) : IncidentDesk.NotYours();
    }

    private static Fault NotLinked() => Fault.Refused("decision.not_linked", "This incident is not about that decision. Link the decision or its run to the incident first.", "decision");

    private static async Task<DecisionRecord?> SourceAsync(OpsDbContext db, Incident incident, string decisionId, CancellationToken ct)
    {
        if (!Ids.TrySeq(decisionId, "dec", out var seq) || await db.Decisions.AsNoTracking().SingleOrDefaultAsync(d => d.Seq == seq && d.RolloutId == incident.RolloutId, ct) is not { } d || d.Id != decisionId) return null;
        return await IncidentReader.Links(db, incident.Id).AnyAsync(l => (l.Kind == "decision" && l.Reference == decisionId) || (l.Kind == "run" && l.Reference == d.RunId), ct) ? d : null;
    }

    /// <summary>What was sent, of those entries whose text is still on record.</summary>
    private static async Task<IReadOnlyDictionary<long, JsonElement>> BodiesAsync(OpsDbContext db, long[] seqs, CancellationToken ct)
        => (await db.Payloads.AsNoTracking().Where(p => seqs.Contains(p.Seq) && p.Body != null).ToListAsync(ct)).ToDictionary(p => p.Seq, p => JsonElement.Parse(p.Body!));

    /// <summary>Decisions that are linked, and those of linked runs, newest first.</summary>
    private static async Task<IReadOnlyList<DecisionRecord>> AboutAsync(OpsDbContext db, Incident incident, CancellationToken ct)
    {
        var links = await IncidentReader.Links(db, incident.Id).ToListAsync(ct);
        long[] seqs = [.. links.Where(l => l.Kind == "decision").Select(l => Ids.TrySeq(l.Reference, "dec", out var seq) ? seq : 0)];
        var found = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq) && d.RolloutId == incident.RolloutId).OrderByDescending(d => d.Seq).Take(MostSources).ToListAsync(ct);
        foreach (var run in links.Where(l => l.Kind == "run"))
            found.AddRange(await db.Decisions.AsNoTracking().Where(d => d.RunId == run.Reference && d.RolloutId == incident.RolloutId).OrderByDescending(d => d.Seq).Take(MostSources).ToListAsync(ct));
        return [.. found.DistinctBy(d => d.Seq).OrderByDescending(d => d.Seq).Take(MostSources)];
    }
}
