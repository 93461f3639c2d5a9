using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Features.Approvals;

namespace OpsConsole.Features.Notices;

/// <summary>A request that somebody is told of, with all that says who is asked.</summary>
internal sealed record NoticeSubject(ApprovalRequest Request, string? OnBehalfOf, string? ResourceType, AgentAuthority Agent, IReadOnlyList<string>? Last)
{
    public IEnumerable<string> Asked(ConsoleState state, DateTimeOffset now) => Core.Approvals.Asked.Now(Request, OnBehalfOf, Agent, state.Directory, now, Last).Select(a => a.Person.Id);

    /// <summary>Whether a link to it leads somebody anywhere: it is of a rollout they see, or theirs to decide, or their agent asked.</summary>
    public bool MaySee(PersonEntry person, ConsoleState state, DateTimeOffset now)
        => person.Active && (Agent.OwnerId == person.Id || Permissions.MaySee(person, Agent.Rollout, state.Directory) || Deciders.Of(person, Request, OnBehalfOf, Agent, state.Directory, now).Standing != Standing.None);

    public NoticeLine Line(NoticeKind kind, bool asked, string origin)
        => new(kind, asked, Request.Action, Agent.Rollout.Name, Agent.Name, Request.HighConsequence, Request.Open ? Request.ExpiresAt : null, origin + "/approvals/" + Request.Id);

    /// <summary>By the requests' ids, with two queries, three where a rollout wants other approvers each time. One whose agent this instance has not heard of yet is left out.</summary>
    public static async Task<Dictionary<string, NoticeSubject>> LoadAsync(OpsDbContext db, IEnumerable<string> ids, ConsoleState state, CancellationToken ct)
    {
        var seqs = ids.Distinct().Select(id => Ids.TrySeq(id, "apr", out var seq) ? seq : 0).Where(seq => seq > 0).ToList();
        if (seqs.Count == 0) return [];
        var requests = await db.Approvals.AsNoTracking().Where(a => seqs.Contains(a.Seq)).ToListAsync(ct);
        var asked = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).Select(d => new { d.Seq, d.OnBehalfOf, d.ResourceType }).ToDictionaryAsync(d => d.Seq, ct);
        var last = await LastOnes.ReadAsync(db, requests, state, ct);
        return requests.Where(a => state.Agents.ContainsKey(a.AgentId)).ToDictionary(a => a.Id, a => new NoticeSubject(a, asked.GetValueOrDefault(a.Seq)?.OnBehalfOf, asked.GetValueOrDefault(a.Seq)?.ResourceType, state.Agents[a.AgentId], last.Of(a)));
    }
}
