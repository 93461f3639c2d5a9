using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Notices;
using OpsConsole.Data;
using OpsConsole.Features.Undo;

namespace OpsConsole.Features.Notices;

/// <summary>What an agent wrote and somebody has to confirm (where nobody has to, there is nothing to tell): whoever may confirm it is asked, as the page of provisional writes says it, and never the agent's owner where duties are separated.</summary>
internal sealed record WindowSubject(WindowCase Case) : NoticeSubject(Case.Agent.Rollout)
{
    public override bool High => Case.Decision.HighConsequence;
    public override bool Open => Case.Window is { Required: true, State: WindowState.Open or WindowState.Escalated };

    public override Dictionary<string, bool> Told(NoticeKind kind, ConsoleState state, DateTimeOffset now)
    {
        var people = Case.Asked(state, now).ToDictionary(p => p.Id, _ => true);
        // Nobody can: whoever answers for the rollout hears of it.
        return people.Count > 0 ? people : Rollout.Owners.Distinct().ToDictionary(id => id, _ => false);
    }

    public override bool MaySee(PersonEntry person, ConsoleState state, DateTimeOffset now)
        => person.Active && (Permissions.MaySee(person, Rollout, state.Directory) || Case.Of(person, state, now).MayDecide);

    public override bool Matters(Notice notice, ConsoleState state, DateTimeOffset now) => Open && (!notice.Asked || Case.Asked(state, now).Any(p => p.Id == notice.PersonId));

    public override NoticeLine Line(NoticeKind kind, bool asked, string origin)
        => new(kind, asked, Case.Decision.Action, Rollout.Name, Case.Agent.Name, High, Case.Window.State == WindowState.Open ? Case.Window.Until : null, origin + Address(Case.Window.DecisionId, asked));

    public override NoticeView Fill(NoticeView view, ConsoleState state) => view with
    {
        AgentName = Case.Agent.Name, Action = Case.Decision.Action, ResourceType = Case.Decision.ResourceType, ResourceId = Case.Decision.ResourceId, Status = Case.Window.State.ToString().ToLowerInvariant(),
        DecidedBy = Case.Window.State is WindowState.Confirmed or WindowState.Vetoed && Case.Window.EndedBy?.Split(':', 2) is [_, var by] ? state.Directory.NameOf(by) : null,
        RequestedAt = Case.Window.ReportedAt, ExpiresAt = Case.Window.State == WindowState.Open ? Case.Window.Until : null,
    };

    /// <summary>Where it is confirmed, or only looked at.</summary>
    public static string Address(string decisionId, bool asked) => asked ? $"/provisional?decision={decisionId}&say=confirm" : "/decisions/" + decisionId;

    public static async Task<IEnumerable<WindowSubject>> AllAsync(OpsDbContext db, IEnumerable<string> ids, ConsoleState state, CancellationToken ct)
    {
        var seqs = Seqs(ids, "dec");
        return seqs.Count == 0 ? [] : (await WindowCase.LoadAsync(db, await db.ReversibleWindows.AsNoTracking().Where(w => seqs.Contains(w.DecisionSeq)).ToListAsync(ct), state, ct)).Select(c => new WindowSubject(c));
    }
}

/// <summary>An undo plan of which some steps need somebody: whoever a step was handed to is told, and where it was handed to nobody in particular those who may say what became of it: the rollout's people, and whoever started the plan.</summary>
/// <param name="Needs">The steps that need somebody, by whom they were handed to; null: to nobody in particular.</param>
/// <param name="What">What the plan undoes.</param>
internal sealed record UndoSubject(UndoPlan Plan, RolloutAuthority Authority, IReadOnlyList<NeededSteps> Needs, string What) : NoticeSubject(Authority)
{
    public override bool High => Needs.Any(n => n.High);
    public override bool Open => Needs.Count > 0;

    public override Dictionary<string, bool> Told(NoticeKind kind, ConsoleState state, DateTimeOffset now)
    {
        // What somebody was given who cannot do it any more is for everybody again.
        var people = Needs.Select(n => n.PersonId).OfType<string>().Where(id => UndoNeeds.MayDo(state, id, Rollout.Id)).ToHashSet();
        if (Needs.Any(n => n.PersonId is not { } id || !people.Contains(id))) people.UnionWith(Rollout.Members.Select(m => m.PersonId).Append(Plan.StartedBy));
        return people.Where(id => state.Directory.People.TryGetValue(id, out var person) && Permissions.MayWrite(person, Rollout)).ToDictionary(id => id, _ => true);
    }

    public override bool MaySee(PersonEntry person, ConsoleState state, DateTimeOffset now) => Permissions.MaySee(person, Rollout, state.Directory);

    public override bool Matters(Notice notice, ConsoleState state, DateTimeOffset now) => Told(notice.Kind, state, now).ContainsKey(notice.PersonId);

    public override NoticeLine Line(NoticeKind kind, bool asked, string origin) => new(kind, asked, "", Rollout.Name, "", High, null, origin + "/undo/" + Plan.Id) { Steps = Needs.Sum(n => n.Count) };

    public override NoticeView Fill(NoticeView view, ConsoleState state) => view with { Title = What, Status = Open ? "needs_somebody" : "dealt_with" };

    public static async Task<IEnumerable<UndoSubject>> AllAsync(OpsDbContext db, IEnumerable<string> ids, ConsoleState state, CancellationToken ct)
    {
        var seqs = Seqs(ids, "udp");
        if (seqs.Count == 0) return [];
        var plans = (await db.UndoPlans.AsNoTracking().Where(p => seqs.Contains(p.Seq)).ToListAsync(ct)).Where(p => state.Rollouts.ContainsKey(p.RolloutId)).ToList();
        var planIds = plans.ConvertAll(p => p.Id);
        var needs = (await (from s in UndoNeeds.Needing(db) where planIds.Contains(s.PlanId) join d in db.Decisions.AsNoTracking() on s.DecisionSeq equals d.Seq
                            group s by new { s.PlanId, s.PersonId, d.HighConsequence } into g select new { g.Key.PlanId, g.Key.PersonId, g.Key.HighConsequence, Count = g.Count() }).ToListAsync(ct)).ToLookup(n => n.PlanId, n => new NeededSteps(n.PersonId, n.HighConsequence, n.Count));
        var decisions = Seqs(plans.Select(p => p.Scope.DecisionId).OfType<string>(), "dec");
        var actions = await db.Decisions.AsNoTracking().Where(d => decisions.Contains(d.Seq)).ToDictionaryAsync(d => d.Id, d => string.Join(' ', new[] { d.Action, d.ResourceType, d.ResourceId }.Where(t => !string.IsNullOrEmpty(t))), ct);
        return plans.Select(p => new UndoSubject(p, state.Rollouts[p.RolloutId], [.. needs[p.Id]], p.Scope switch
        {
            { DecisionId: { } id } => actions.GetValueOrDefault(id, id),
            { RunId: { } run } => "run " + run,
            { AgentId: { } agent } => "what " + (state.Agents.TryGetValue(agent, out var known) ? known.Name : agent) + " did",
            var s => $"{s.Record} in {s.System}",
        }));
    }
}

/// <summary>Steps of one plan.</summary>
internal sealed record NeededSteps(string? PersonId, bool High, int Count);
