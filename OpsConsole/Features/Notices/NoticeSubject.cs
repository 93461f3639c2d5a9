using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Incidents;

namespace OpsConsole.Features.Notices;

/// <summary>What somebody is told of: a request that waits for people, an incident, writes that have to be confirmed, an undo plan, a weekly review, or a scale memo.</summary>
internal abstract record NoticeSubject(RolloutAuthority Rollout)
{
    public abstract bool High { get; }
    /// <summary>It still asks somebody. What was told of one that does not is read.</summary>
    public abstract bool Open { get; }

    /// <summary>Who is told by their part in it; false: told, but not asked.</summary>
    public abstract Dictionary<string, bool> Told(NoticeKind kind, ConsoleState state, DateTimeOffset now);

    /// <summary>Whether a link to it leads somebody anywhere.</summary>
    public abstract bool MaySee(PersonEntry person, ConsoleState state, DateTimeOffset now);

    /// <summary>Whether a message about it still says something to whom it goes.</summary>
    public abstract bool Matters(Notice notice, ConsoleState state, DateTimeOffset now);

    public abstract NoticeLine Line(NoticeKind kind, bool asked, string origin);

    /// <summary>What the reader may see of it.</summary>
    public abstract NoticeView Fill(NoticeView view, ConsoleState state);

    /// <summary>The id, if it is one of this sort; else null.</summary>
    public static string? Of(string subjectId, string prefix) => subjectId.StartsWith(prefix + "_", StringComparison.Ordinal) ? subjectId : null;

    /// <summary>By their ids. A request whose agent this instance has not heard of yet is left out.</summary>
    public static async Task<Dictionary<string, NoticeSubject>> LoadAsync(OpsDbContext db, IEnumerable<string> ids, ConsoleState state, CancellationToken ct)
    {
        var all = ids.Distinct().ToLookup(id => id.Split('_')[0]);
        Dictionary<string, NoticeSubject> subjects = [];
        foreach (var request in await RequestSubject.AllAsync(db, all["apr"], state, ct)) subjects[request.Request.Id] = request;
        foreach (var incident in await IncidentSubject.AllAsync(db, all["inc"], state, ct)) subjects[incident.Incident.Id] = incident;
        foreach (var window in await WindowSubject.AllAsync(db, all["dec"], state, ct)) subjects[window.Case.Window.DecisionId] = window;
        foreach (var plan in await UndoSubject.AllAsync(db, all["udp"], state, ct)) subjects[plan.Plan.Id] = plan;
        foreach (var review in await ReviewSubject.AllAsync(db, [.. all["wkr"]], state, ct)) subjects[review.Review.Id] = review;
        foreach (var memo in await MemoSubject.AllAsync(db, [.. all["mem"]], state, ct)) subjects[memo.Memo.Id] = memo;
        return subjects;
    }

    protected static List<long> Seqs(IEnumerable<string> ids, string prefix) => [.. ids.Select(id => Ids.TrySeq(id, prefix, out var seq) ? seq : 0).Where(seq => seq > 0)];
}

/// <summary>A request, with all that says who is asked.</summary>
internal sealed record RequestSubject(ApprovalRequest Request, string? OnBehalfOf, string? ResourceType, AgentAuthority Agent, IReadOnlyList<string>? Last) : NoticeSubject(Agent.Rollout)
{
    public override bool High => Request.HighConsequence;
    public override bool Open => Request.Open;

    private IEnumerable<string> Asked(ConsoleState state, DateTimeOffset now) => Core.Approvals.Asked.Now(Request, OnBehalfOf, Agent, state.Directory, now, Last).Select(a => a.Person.Id);

    public override Dictionary<string, bool> Told(NoticeKind kind, ConsoleState state, DateTimeOffset now)
    {
        if (kind == NoticeKind.AskedBack) return new() { [Agent.OwnerId] = true };
        var people = Asked(state, now).ToDictionary(id => id, _ => true);
        // Nobody decided, or nobody can: whoever answers for the rollout hears of it, and no admin by their role alone.
        if (kind == NoticeKind.Expired || (kind == NoticeKind.Escalated && people.Count == 0))
        {
            foreach (var owner in Rollout.Owners) people.TryAdd(owner, false);
        }
        return people;
    }

    // It is of a rollout they see, or theirs to decide, or their agent asked.
    public override bool MaySee(PersonEntry person, ConsoleState state, DateTimeOffset now)
        => person.Active && (Agent.OwnerId == person.Id || Permissions.MaySee(person, Rollout, state.Directory) || Deciders.Of(person, Request, OnBehalfOf, Agent, state.Directory, now).Standing != Standing.None);

    // That time ran out is told also when it is late; the rest only to whom it still concerns.
    public override bool Matters(Notice notice, ConsoleState state, DateTimeOffset now)
        => notice.Kind == NoticeKind.Expired || (Request.Open && (!notice.Asked || notice.Kind == NoticeKind.AskedBack || Asked(state, now).Contains(notice.PersonId)));

    public override NoticeLine Line(NoticeKind kind, bool asked, string origin)
        => new(kind, asked, Request.Action, Rollout.Name, Agent.Name, Request.HighConsequence, Request.Open ? Request.ExpiresAt : null, origin + "/approvals/" + Request.Id);

    public override NoticeView Fill(NoticeView view, ConsoleState state) => view with
    {
        AgentName = Agent.Name, Action = Request.Action, ResourceType = ResourceType, ResourceId = Request.ResourceId, Status = Request.Status.ToString().ToLowerInvariant(), DecidedBy = DecidedBy(state),
        RequestedAt = Request.RequestedAt, ExpiresAt = Request.ExpiresAt,
    };

    private string? DecidedBy(ConsoleState state)
        => Request.Status is not (ApprovalStatus.Approved or ApprovalStatus.Edited or ApprovalStatus.Rejected) ? null
            : string.Join(" and ", Request.CurrentVotes.Where(v => v.Verdict == Verdict.Reject == (Request.Status == ApprovalStatus.Rejected)).Select(v => state.Directory.NameOf(v.PersonId)));

    /// <summary>With two queries, three where a rollout wants other approvers each time.</summary>
    public static async Task<IEnumerable<RequestSubject>> AllAsync(OpsDbContext db, IEnumerable<string> ids, ConsoleState state, CancellationToken ct)
    {
        var seqs = Seqs(ids, "apr");
        if (seqs.Count == 0) return [];
        var requests = await db.Approvals.AsNoTracking().Where(a => seqs.Contains(a.Seq)).ToListAsync(ct);
        var asked = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).Select(d => new { d.Seq, d.OnBehalfOf, d.ResourceType }).ToDictionaryAsync(d => d.Seq, ct);
        var last = await LastOnes.ReadAsync(db, requests, state, ct);
        return requests.Where(a => state.Agents.ContainsKey(a.AgentId)).Select(a => new RequestSubject(a, asked.GetValueOrDefault(a.Seq)?.OnBehalfOf, asked.GetValueOrDefault(a.Seq)?.ResourceType, state.Agents[a.AgentId], last.Of(a)));
    }
}

/// <summary>An incident: whoever its escalation has reached is asked to take it, and hears of its news with those who have a part in it.</summary>
internal sealed record IncidentSubject(Incident Incident, RolloutAuthority Authority) : NoticeSubject(Authority)
{
    public override bool High => Incident.Severity <= Severity.Sev2;
    public override bool Open => Incident.Escalates;

    public override Dictionary<string, bool> Told(NoticeKind kind, ConsoleState state, DateTimeOffset now)
    {
        if (kind != NoticeKind.News) return Incident.Level < 0 ? [] : EscalationLevels.People(Incident.Levels[Incident.Level], Rollout, state.Directory, now).ToDictionary(id => id, _ => true);
        return IncidentRules.Reached(Incident, Rollout, state.Directory, now).Concat(Incident.AlsoTold).Concat(Incident.Roles.Values).Concat(Incident.OwnerId is { } owner ? [owner] : []).Concat(Incident.OpenedBy.StartsWith("person:", StringComparison.Ordinal) ? [Incident.OpenedBy["person:".Length..]] : []).Distinct().ToDictionary(id => id, _ => false);
    }

    public override bool MaySee(PersonEntry person, ConsoleState state, DateTimeOffset now)
        => IncidentDesk.Sees(person, Incident, state, now);

    public override bool Matters(Notice notice, ConsoleState state, DateTimeOffset now) => notice.Kind == NoticeKind.News || Incident.Escalates;

    public override NoticeLine Line(NoticeKind kind, bool asked, string origin)
        => new(kind, asked, "", Rollout.Name, "", High, Incident.Escalates ? Incident.NextAt : null, origin + "/incidents/" + Incident.Id) { Severity = SeveritySpec.Of(Incident.Severity).Title };

    public override NoticeView Fill(NoticeView view, ConsoleState state) => view with
    {
        Title = Incident.Title, Severity = SeveritySpec.Of(Incident.Severity).Wire, Status = Incident.Status.ToString().ToLowerInvariant(), DecidedBy = Incident.OwnerId is { } owner ? state.Directory.NameOf(owner) : null,
        RequestedAt = Incident.OpenedAt, ExpiresAt = Incident.Escalates ? Incident.NextAt : null,
    };

    public static async Task<IEnumerable<IncidentSubject>> AllAsync(OpsDbContext db, IEnumerable<string> ids, ConsoleState state, CancellationToken ct)
    {
        var seqs = Seqs(ids, "inc");
        return seqs.Count == 0 ? [] : (await db.Incidents.AsNoTracking().Where(i => seqs.Contains(i.Seq)).ToListAsync(ct)).Where(i => state.Rollouts.ContainsKey(i.RolloutId)).Select(i => new IncidentSubject(i, state.Rollouts[i.RolloutId]));
    }
}
