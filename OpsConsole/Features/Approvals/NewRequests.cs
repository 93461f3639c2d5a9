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
    /// <summary>So long a request waits for this instance to hear of its agent, which another one made just now; then it is passed by.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private long _from;   // in ticks; 0: go on from the last one
    private long _last;

    /// <summary>What was asked before is not announced.</summary>
    public void StartFrom(DateTimeOffset at) => Interlocked.Exchange(ref _from, at.UtcTicks);

    /// <summary>The last look ended before a request whose agent this instance had not heard of: there is more to announce once it has.</summary>
    public bool Waits { get; private set; }

    /// <summary>The next requests that wait, oldest first, each with those of <paramref name="people"/> who may see it. More than a hundred at once are announced by the last hundred: nobody reads the others as they fly by.</summary>
    public async Task<IReadOnlyList<(NewRequest Request, IReadOnlyList<PersonEntry> Who)>> NextAsync(IReadOnlyList<PersonEntry> people)
    {
        await using var db = await factory.CreateDbContextAsync();
        if (Interlocked.Exchange(ref _from, 0) is > 0 and var ticks)
        {
            var from = new DateTimeOffset(ticks, TimeSpan.Zero);
            _last = await db.Approvals.AsNoTracking().Where(a => a.RequestedAt < from).OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync();
        }
        var last = _last;
        var found = await db.Approvals.AsNoTracking().Where(a => a.Seq > last && a.Status == ApprovalStatus.Pending).OrderByDescending(a => a.Seq).Take(AtOnce).ToListAsync();
        found.Reverse();
        var (state, now) = (writer.State, writer.Now);
        var unknown = found.FindIndex(a => !state.Agents.ContainsKey(a.AgentId) && a.RequestedAt > now - Patience);
        Waits = unknown >= 0;
        if (Waits) found.RemoveRange(unknown, found.Count - unknown);
        if (found.Count == 0) return [];
        _last = found[^1].Seq;
        var seqs = found.Select(a => a.Seq).ToList();
        var actsFor = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq) && d.OnBehalfOf != null).ToDictionaryAsync(d => d.Seq, d => d.OnBehalfOf);
        List<(NewRequest, IReadOnlyList<PersonEntry>)> news = [];
        foreach (var a in found)
        {
            if (!state.Agents.TryGetValue(a.AgentId, out var agent)) continue;
            var who = people.Where(p => Permissions.MaySee(p, agent.Rollout, state.Directory) || agent.OwnerId == p.Id
                || Deciders.Of(p, a, actsFor.GetValueOrDefault(a.Seq), agent, state.Directory, now).Standing != Standing.None).ToList();
            if (who.Count > 0) news.Add((new NewRequest(a.Id, a.DecisionId, a.RolloutId, agent.Rollout.Name, agent.Name, a.Action, a.ResourceId, a.Terms.RuleId, a.HighConsequence ? "high" : "low", a.RequestedAt, a.ExpiresAt, agent.Simulated), who));
        }
        return news;
    }
}
