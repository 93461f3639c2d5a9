using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Agents;
using OpsConsole.Features.Undo;

namespace OpsConsole.Features.Incidents;

/// <summary>
/// Carries out what the console does about an incident, in the change that opens it or in one of its own. All of it only takes away: who takes part in the incident may fire it, and only whoever may give the same may take it back.
/// An agent response is about the agents of the decisions, runs and agents that the incident names, where they are still there; where it names none, about all of the rollout. What an agent's own report sets off by itself is about that agent alone.
/// </summary>
internal static class IncidentResponses
{
    private const string System = "console";
    /// <summary>So many links are rolled back by one response, because it holds up decisions.</summary>
    private const int MostRolledBack = 20, MostWritesRolledBack = 200;

    /// <summary>Carries it out, or says why there was nothing to do; both stand on the timeline.</summary>
    public static async Task FireAsync(ChangeScope scope, Incident incident, ResponseKind kind, Actor by, CancellationToken ct)
    {
        var rollout = scope.State.Rollouts[incident.RolloutId];
        var reason = $"{SeveritySpec.Of(incident.Severity).Title}: {VisibleText.Flatten(incident.Title)}";
        List<ResponseEffect> effects = [];
        string says;
        switch (kind)
        {
            case ResponseKind.Quarantine when !(await LinksAsync(scope, incident, ct)).Any(l => l.Kind is "agent" or "decision" or "run"):
                says = "No agent is named, so none was quarantined: name the agent, its decision or its run. Pausing the rollout stops all of them.";
                break;
            case ResponseKind.Quarantine:
            case ResponseKind.PauseAgent:
                var agents = await AgentsAsync(scope, incident, by, ct);
                foreach (var id in agents)
                {
                    if (await scope.Db.Agents.FindAsync([id], ct) is not { } agent || !agent.Pause(reason, by.Type == "person" ? by.Id : System, scope.Now)) continue;
                    scope.Audit(by, "agent.paused", id, new { incident = incident.Id }, new { reason }, incident.RolloutId);
                    effects.Add(new ResponseEffect("agent", id));
                }
                says = effects.Count > 0 ? $"Paused {Names(effects.Select(e => e.Id), scope)}." : agents.Count == 0 ? "There is no agent to pause." : "Its agents stood still already.";
                if (kind == ResponseKind.Quarantine && agents.Count > 0)
                {
                    foreach (var key in await scope.Db.AgentKeys.Where(k => agents.Contains(k.AgentId) && k.RevokedAt == null).ToListAsync(ct))
                    {
                        key.Revoke(scope.Now);
                        scope.Audit(by, "key.revoked", key.Id, new { agent = key.AgentId, incident = incident.Id }, rolloutId: incident.RolloutId);
                        scope.AuthorityChanged();
                    }
                    says += " All keys are revoked: nothing can be asked or reported with them any more, and what was to be undone by the agent is for people. New keys are made by whoever manages the agent.";
                }
                break;
            case ResponseKind.TriggerRollback:
                says = await RollBackAsync(scope, incident, by, reason, ct);
                break;
            case ResponseKind.PauseRollout:
                if ((await scope.Db.Rollouts.SingleAsync(r => r.Id == incident.RolloutId, ct)).Pause(reason, by.Type == "person" ? by.Id : System, scope.Now))
                {
                    scope.Audit(by, "rollout.paused", incident.RolloutId, new { incident = incident.Id }, new { reason }, incident.RolloutId);
                    effects.Add(new ResponseEffect("rollout", incident.RolloutId));
                }
                says = effects.Count > 0 ? "Paused the rollout." : "The rollout stood still already.";
                break;
            case ResponseKind.ReduceAuthority:
            case ResponseKind.RouteToReview:
                await LowerAsync(scope, incident, kind, by, reason, effects, ct);
                says = (effects.Count, kind) switch
                {
                    (0, _) => "No tier was high enough to be lowered.",
                    (_, ResponseKind.RouteToReview) => $"Everything that ran alone waits for a person now: {Counted.Of(effects.Count, "tier")} lowered to contributor.",
                    _ => $"Lowered {Counted.Of(effects.Count, "tier")} by one.",
                };
                break;
            case ResponseKind.HoldScaling:
                if (!incident.HoldsScaling) incident.Hold();
                says = "Scaling waits until somebody verifies by name that this is remedied.";
                break;
            case ResponseKind.NotifySponsor:
                var sponsors = rollout.Members.Where(m => m.Role == RolloutRole.ExecSponsor && scope.State.Directory.People.TryGetValue(m.PersonId, out var p) && p.Active).Select(m => m.PersonId).Distinct().ToList();
                incident.AlsoTell(sponsors);
                says = sponsors.Count == 0 ? "The rollout has no sponsor to notify." : $"Notified {string.Join(", ", sponsors.Select(scope.State.Directory.NameOf))}.";
                break;
            default:
                incident.AlsoTell(rollout.Owners);
                says = rollout.Owners.Any() ? $"Notified {string.Join(", ", rollout.Owners.Select(scope.State.Directory.NameOf))}." : "The rollout has no owner to notify.";
                break;
        }
        if (effects.Count > 0) scope.AuthorityChanged();
        var seq = IncidentDesk.Note(scope, incident, by, "response", new { response = kind.Wire(), effects }, says);
        scope.Db.IncidentResponses.Add(new IncidentResponse(seq, incident.Id, kind, $"{by.Type}:{by.Id}", scope.Now, says, effects));
    }

    // Everything that the decisions and runs of the incident wrote, one plan each. What has a step already is left to the plan that made it.
    private static async Task<string> RollBackAsync(ChangeScope scope, Incident incident, Actor by, string reason, CancellationToken ct)
    {
        var links = (await LinksAsync(scope, incident, ct)).Where(l => l.Kind is "decision" or "run").Take(MostRolledBack + 1).ToList();
        if (links.Count == 0) return "No decision or run is linked, so it is not known what to undo. Link them, or start a plan by hand.";
        var (begun, refused) = (0, new List<string>());
        foreach (var link in links.Take(MostRolledBack))
        {
            var of = link.Kind == "run" ? new UndoScope(UndoScopeKind.Run, RunId: link.Reference) : new UndoScope(UndoScopeKind.Decision, link.Reference);
            var left = MostWritesRolledBack - scope.Db.UndoSteps.Local.Count;
            var plan = left <= 0 ? Fault.Refused("undo.too_many", $"No more than {MostWritesRolledBack} writes are begun at once: start the rest by hand.") : await UndoPlanDesk.BeginAsync(scope, incident.RolloutId, new UndoRequest(of, incident.RolloutId, incident.Id, reason), by, by.Type == "person" ? by.Id : System, null, ct, left);
            if (plan.Ok) begun++;
            else if (plan.Fault!.Code != "undo.nothing") refused.Add(plan.Fault.Message);
        }
        return $"{(begun == 0 ? "Nothing was begun: no write was reported there, or earlier plans have it in hand." : $"Began to undo: {Counted.Of(begun, "plan")}.")}{(links.Count > MostRolledBack ? $" Only the first {MostRolledBack} links were looked at." : "")}{string.Concat(refused.Distinct().Select(r => " " + r))}";
    }

    /// <summary>Puts back what the response changed, where it still stands as it left it. Faults: <c>response.taken_back</c>, <c>response.not_yours</c>.</summary>
    public static async Task<Result<Done>> TakeBackAsync(ChangeScope scope, Incident incident, IncidentResponse response, PersonCaller me, CancellationToken ct)
    {
        if (!response.MayBeTakenBack) return Fault.Conflict("response.taken_back", response.TakenBackAt is null ? "This response changed nothing that could be put back." : "This response was taken back already.");
        if (Sight.Me(scope.State, me) is not { Ok: true, Value: var person }) return Fault.NotFound("incident");
        var rollout = scope.State.Rollouts[incident.RolloutId];
        var reason = $"Taken back: {SeveritySpec.Of(incident.Severity).Title}, {VisibleText.Flatten(incident.Title)}";
        List<string> said = [];
        foreach (var effect in response.Effects)
        {
            switch (effect.Kind)
            {
                case "agent" when scope.State.Agents.TryGetValue(effect.Id, out var agent):
                    if (!Permissions.MayResume(person, agent)) return NotYours("An agent is let run again by whoever answers for its rollout, or by an admin.");
                    var paused = await scope.Db.Agents.SingleAsync(a => a.Id == effect.Id, ct);
                    if (paused.PausedAt != response.At || !paused.Resume()) continue;   // somebody paused it again since
                    scope.Audit(me.Actor, "agent.resumed", effect.Id, new { incident = incident.Id }, new { reason }, incident.RolloutId);
                    said.Add(await scope.Db.AgentKeys.AnyAsync(k => k.AgentId == effect.Id && k.RevokedAt == null, ct) ? $"{agent.Name} runs again" : $"{agent.Name} may run again, and has no key: give it one");
                    break;
                case "rollout":
                    if (!Permissions.MayPause(person, rollout)) return NotYours("A rollout is resumed by its owners, its incident owner, its engineering owner, its risk lead, or an admin.");
                    var still = await scope.Db.Rollouts.SingleAsync(r => r.Id == effect.Id, ct);
                    if (still.PausedAt != response.At || !still.Resume()) continue;
                    scope.Audit(me.Actor, "rollout.resumed", effect.Id, new { incident = incident.Id }, new { reason }, incident.RolloutId);
                    said.Add("the rollout runs again");
                    break;
                case "grant":
                    if (!Permissions.MayGrant(person)) return NotYours("A tier is given back by an admin.");
                    var (given, before) = (await scope.Db.Grants.SingleAsync(g => g.Id == effect.Id, ct), await scope.Db.Grants.SingleAsync(g => g.Id == effect.Was, ct));
                    if (given.EndedAt is not null || !scope.State.Agents.TryGetValue(given.AgentId, out var holder)) continue;   // it was changed since
                    await GrantLedger.GiveAsync(scope, me.Actor, holder, Again(before, reason, me.Id, scope.Now), ct);
                    said.Add($"{holder.Name} is {before.Tier.ToString().ToLowerInvariant()} for {before.Capability} again");
                    break;
            }
        }
        response.TakeBack(me.Id, scope.Now);
        if (said.Count > 0) scope.AuthorityChanged();
        IncidentDesk.Note(scope, incident, me.Actor, "response", new { response = response.Kind.Wire(), taken_back = response.Seq }, said.Count == 0 ? "Taken back; everything had been changed since." : $"Taken back: {string.Join(", ", said)}.");
        return Done.Value;

        static Fault NotYours(string why) => Fault.Forbidden(why, "response.not_yours");
    }

    private static async Task LowerAsync(ChangeScope scope, Incident incident, ResponseKind kind, Actor by, string reason, List<ResponseEffect> effects, CancellationToken ct)
    {
        foreach (var id in await AgentsAsync(scope, incident, by, ct))
        {
            var agent = scope.State.Agents[id];
            foreach (var grant in (await scope.Db.Grants.Where(g => g.AgentId == id && g.EndedAt == null).ToListAsync(ct)).Where(g => g.Live(scope.Now)))
            {
                var held = grant.TierAt(scope.Now);
                var tier = kind == ResponseKind.RouteToReview ? Tier.Contributor : held - 1;
                if (tier < Tier.Observer || tier >= held) continue;
                var lower = await GrantLedger.LowerAsync(scope, by, agent, grant, tier, reason, by.Type == "person" ? by.Id : System, ct);
                effects.Add(new ResponseEffect("grant", lower.Id, grant.Id));
            }
        }
    }

    // The dates of a grant hold for the one in its place: nothing here lengthens what somebody gave for a time.
    private static CapabilityGrant Again(CapabilityGrant of, string reason, string by, DateTimeOffset now)
        => new(Secrets.NewId("grt"), of.AgentId, of.Capability, of.Tier, reason, by, isOverride: true, now, of.ExpiresAt, of.ReviewBy, of.TemplateId, of.TemplateVersion, of.PromotionId);

    private static async Task<IReadOnlyList<string>> AgentsAsync(ChangeScope scope, Incident incident, Actor by, CancellationToken ct)
    {
        bool There(string id) => scope.State.Agents.TryGetValue(id, out var agent) && agent.Rollout.Id == incident.RolloutId && !agent.Retired;
        if (by.Type != "person" && incident.OpenedBy.Split(':', 2) is ["agent", var itself]) return There(itself) ? [itself] : [];
        var links = await LinksAsync(scope, incident, ct);
        var decisions = links.Where(l => l.Kind == "decision").Select(l => Ids.TrySeq(l.Reference, "dec", out var seq) ? seq : 0).Distinct().ToList();
        var runs = links.Where(l => l.Kind == "run").Select(l => l.Reference).Distinct().ToList();
        var named = await scope.Db.Decisions.AsNoTracking().Where(d => d.RolloutId == incident.RolloutId && (decisions.Contains(d.Seq) || (d.RunId != null && runs.Contains(d.RunId)))).Select(d => d.AgentId).Distinct().ToListAsync(ct);
        named = [.. named.Concat(links.Where(l => l.Kind == "agent").Select(l => l.Reference)).Distinct()];
        return [.. (named.Count > 0 ? named : scope.State.Agents.Keys.Order(StringComparer.Ordinal).ToList()).Where(There)];
    }

    // Also those of this change.
    private static async Task<IReadOnlyList<IncidentLink>> LinksAsync(ChangeScope scope, Incident incident, CancellationToken ct)
        => [.. (await scope.Db.IncidentLinks.Where(l => l.IncidentId == incident.Id).ToListAsync(ct)).Concat(scope.Db.IncidentLinks.Local.Where(l => l.IncidentId == incident.Id)).DistinctBy(l => (l.Kind, l.Reference))];

    private static string Names(IEnumerable<string> agents, ChangeScope scope) => string.Join(", ", agents.Select(id => scope.State.Agents[id].Name));
}
