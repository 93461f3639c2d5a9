using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Data;

namespace OpsConsole.Features.Undo;

/// <summary>A window with all that says who may confirm it.</summary>
/// <param name="Rule">The row under which it ran, as it stood then; null: none, or nothing that can be read.</param>
public sealed record WindowCase(ReversibleWindow Window, DecisionRecord Decision, MatrixRule? Rule, AgentAuthority Agent)
{
    /// <summary>Whether, and in which place, somebody may confirm it: whoever the row would ask about such an action, and after silence whom it escalates to; the same people are kept out as there. One is enough, whatever the row's quorum: it is done already.</summary>
    public Eligibility Of(PersonEntry person, ConsoleState state, DateTimeOffset now) => Deciders.Of(person, Terms(state), [], Decision.OnBehalfOf, Agent, state.Directory, now);

    /// <summary>Who is asked to confirm it: those of them who are here, and deputies only where the ones they are the deputies of cannot.</summary>
    public IEnumerable<PersonEntry> Asked(ConsoleState state, DateTimeOffset now) => Core.Approvals.Asked.Under(Terms(state), Decision.OnBehalfOf, Agent, state.Directory, now);

    /// <summary>Of these windows, in their order; those are left out whose agent this instance has not heard of yet.</summary>
    public static async Task<IReadOnlyList<WindowCase>> LoadAsync(OpsDbContext db, IReadOnlyList<ReversibleWindow> windows, ConsoleState state, CancellationToken ct)
    {
        var seqs = windows.Select(w => w.DecisionSeq).ToList();
        var decisions = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).ToDictionaryAsync(d => d.Seq, ct);
        Dictionary<(string, int, string?), MatrixRule?> rules = [];
        List<WindowCase> cases = [];
        foreach (var w in windows)
        {
            if (!decisions.TryGetValue(w.DecisionSeq, out var d) || !state.Agents.TryGetValue(w.AgentId, out var agent)) continue;
            var key = (d.RolloutId, d.MatrixVersion, d.RuleId);
            if (!rules.TryGetValue(key, out var rule)) rules[key] = rule = await RuleAsync(db, d, ct);
            cases.Add(new WindowCase(w, d, rule, agent));
        }
        return cases;
    }

    private ApprovalTerms Terms(ConsoleState state)
    {
        List<string> asked = [.. Rule?.Approvers ?? []];
        if (Window.State == WindowState.Escalated) asked = [.. asked.Count > 0 ? asked : Places.Owners(Agent, state.Directory), .. Rule?.EscalateTo ?? []];
        return new ApprovalTerms(Rule?.Id, Decision.MatrixVersion, asked, 1, false, TimeSpan.Zero, "deny", [], null, TimeSpan.Zero, TimeSpan.Zero, false, [Agent.OwnerId], Agent.Rollout.SeparationOfDuties);
    }

    private static async Task<MatrixRule?> RuleAsync(OpsDbContext db, DecisionRecord decision, CancellationToken ct)
    {
        if (decision.RuleId is not { } id || await db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == decision.RolloutId && v.Number == decision.MatrixVersion).Select(v => v.Document).SingleOrDefaultAsync(ct) is not { } document) return null;
        return MatrixJson.Parse(JsonElement.Parse(document)) is { Ok: true, Value: var matrix } ? matrix.Rules.FirstOrDefault(r => r.Id == id) : null;
    }
}
