using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Approvals;

/// <summary>A request as it is announced: enough to show a line of it and to fetch the rest. What the agent wrote in it is untrusted text.</summary>
public sealed record NewRequest(string Id, string DecisionId, string RolloutId, string Rollout, string Agent, string Action, string? ResourceId, string? Rule, string Consequence, DateTimeOffset RequestedAt, DateTimeOffset ExpiresAt, bool Simulated);

/// <summary>
/// What was asked since the last look, for those who are told at once: read once for all of them, because a thousand watchers that each pull their list take the console seconds.
/// One look after the other; each request is announced once.
/// </summary>
internal sealed class NewRequests(IDbContextFactory<OpsDbContext> factory, DurableWriter writer)
{
    private const int AtOnce = 100;
    private DateTimeOffset _from;
    private long? _last;

    /// <summary>What was asked before is not announced.</summary>
    public void StartFrom(DateTimeOffset at) => _from = at;

    /// <summary>The next requests that wait, oldest first, each with those of <paramref name="people"/> who may see it. More than a hundred at once are announced by the last hundred: nobody reads the others as they fly by.</summary>
    public async Task<IReadOnlyList<(NewRequest Request, IReadOnlyList<PersonEntry> Who)>> NextAsync(IReadOnlyList<PersonEntry> people)
    {
        await using var db = await factory.CreateDbContextAsync();
        _last ??= await db.Approvals.AsNoTracking().Where(a => a.RequestedAt < _from).OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync();
        var last = _last.Value;
        var found = await db.Approvals.AsNoTracking().Where(a => a.Seq > last && a.Status == ApprovalStatus.Pending).OrderByDescending(a => a.Seq).Take(AtOnce).ToListAsync();
        if (found.Count == 0) return [];
        _last = found[0].Seq;
        found.Reverse();
        var seqs = found.Select(a => a.Seq).ToList();
        var actsFor = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq) && d.OnBehalfOf != null).ToDictionaryAsync(d => d.Seq, d => d.OnBehalfOf);
        var (state, now) = (writer.State, writer.Now);
        List<(NewRequest, IReadOnlyList<PersonEntry>)> news = [];
        foreach (var a in found)
        {
            if (!state.Agents.TryGetValue(a.AgentId, out var agent)) continue;   // made by another instance just now
            var who = people.Where(p => Permissions.MaySee(p, agent.Rollout, state.Directory) || agent.OwnerId == p.Id
                || Deciders.Of(p, a, actsFor.GetValueOrDefault(a.Seq), agent, state.Directory, now).Standing != Standing.None).ToList();
            if (who.Count > 0) news.Add((new NewRequest(a.Id, a.DecisionId, a.RolloutId, agent.Rollout.Name, agent.Name, a.Action, a.ResourceId, a.Terms.RuleId, a.HighConsequence ? "high" : "low", a.RequestedAt, a.ExpiresAt, agent.Simulated), who));
        }
        return news;
    }
}
