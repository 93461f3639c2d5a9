using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Session;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Session;

/// <summary>What people see of sessions, each as they may.</summary>
internal sealed class SessionReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, SessionState sessions, WorksheetState sheets, Presence presence)
{
    private const int MostPast = 50;

    /// <summary>The open session; null when none is.</summary>
    public async Task<Result<SessionView?>> OpenAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        return await sessions.OpenAsync(id, ct) is { } open ? View(state, caller, rollout, open) : (SessionView?)null;
    }

    public async Task<Result<SessionPageView>> PageAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        var open = await OpenAsync(caller, id, ct);
        if (open.Fault is { } hidden) return hidden;
        var past = await PastAsync(caller, id, new PageQuery(null, MostPast), ct);
        if (past.Fault is { } gone) return gone;
        var (me, rollout) = (state.Directory.People[caller.Id], state.Rollouts[id]);
        var members = state.Directory.People.Values.Where(p => Permissions.MayWrite(p, rollout)).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => new NamedView(p.Id, p.Name));
        return new SessionPageView(rollout.Name, Permissions.MayEdit(me, rollout), open.Value, past.Value.Items, [.. members]);
    }

    /// <summary>Sessions that ended, newest first; <c>after</c> is the id of one.</summary>
    public async Task<Result<Wire.Page<SessionLine>>> PastAsync(PersonCaller caller, string id, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        var past = db.Sessions.AsNoTracking().Where(s => s.RolloutId == id && s.EndedAt != null);
        if (page.After is { } after)
        {
            if (await past.Where(s => s.Id == after).Select(s => (DateTimeOffset?)s.OpenedAt).SingleOrDefaultAsync(ct) is not { } before) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
            past = past.Where(s => s.OpenedAt < before);
        }
        var rows = await past.OrderByDescending(s => s.OpenedAt).Take(page.Limit + 1).Select(s => new { s.Id, s.OpenedAt, s.EndedAt, s.Facilitator }).ToListAsync(ct);
        return Wire.PageOf(rows, page.Limit, s => s.Id, s => new SessionLine(s.Id, s.OpenedAt, s.EndedAt, Named(state, s.Facilitator)));
    }

    /// <summary>One session of a rollout, open or ended.</summary>
    public async Task<Result<SessionView>> FindAsync(PersonCaller caller, string id, string session, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.Sessions.AsNoTracking().SingleOrDefaultAsync(s => s.RolloutId == id && s.Id == session, ct) is { } found ? View(state, caller, rollout, found) : Fault.NotFound("session");
    }

    /// <summary>What a session would end with now.</summary>
    public async Task<Result<ClosingView>> ClosingAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        var (open, now) = (await sessions.OpenAsync(id, ct), await sheets.NowAsync(id, ct));
        return View(state, rollout, SessionClosing.Of(now.Sheet, rollout.Members, open?.OpenedAt ?? DateTimeOffset.MinValue));
    }

    public SessionView View(ConsoleState state, PersonCaller caller, RolloutAuthority rollout, WorkshopSession session)
    {
        var board = session.Board;
        var takesPart = session.Open && state.Directory.People.TryGetValue(caller.Id, out var me) && Permissions.MayWrite(me, rollout);
        return new SessionView(session.Id, rollout.Id, rollout.Name, session.Code, Named(state, session.Facilitator), Named(state, session.OpenedBy), session.OpenedAt, session.EndedAt, board.At,
            [.. board.Agenda.Select((a, i) => new ItemView(i, a.Step, a.Title, (int)a.Box.TotalSeconds, board.Timers[i].Before.TotalSeconds, board.Timers[i].RunningSince))],
            session.Open ? [.. presence.In(SessionDesk.PeopleTopic(rollout.Id)).Select(p => p.PersonId).Distinct().Select(p => Named(state, p))] : [], [.. board.Ready.Select(p => Named(state, p))],
            [.. board.Ballots.OrderBy(b => b.Key).Select(b => new BallotView(b.Key, b.Value.Cast, b.Value.Revealed, b.Value.Counts, b.Value.Votes.TryGetValue(caller.Id, out var mine) ? mine : null))],
            board.Gathering is { } g ? new GatheringView(g.Number, g.Path) : null, board.Round is { } round ? View(state, caller, round) with { Passed = round.Revealed && (board.Item.Step is null || (round.Item is { } asked && asked != board.At)) } : null, [.. board.Past.Select(r => View(state, caller, r))],
            new SessionRightsView(takesPart && session.Facilitator == caller.Id, takesPart, takesPart && session.Facilitator != caller.Id && SessionDesk.MayTakeBack(state, caller, session)),
            board.Closing is { } closing ? View(state, rollout, closing) : null);
    }

    private static RoundView View(ConsoleState state, PersonCaller caller, PrivateRound round) => new(round.Question, round.Texts.Count, round.Revealed, round.Texts.GetValueOrDefault(caller.Id),
        round.Revealed ? [.. round.Texts.Select(t => new WrittenView(t.Key, state.Directory.NameOf(t.Key), t.Value)).OrderBy(t => t.Name, StringComparer.OrdinalIgnoreCase)] : null);

    private static ClosingView View(ConsoleState state, RolloutAuthority rollout, SessionClosing closing) => new(closing.Workflow, closing.InScope, closing.OutOfBounds,
        [.. closing.Owners.Select(o => new ClosingOwnerView(o.Role.Words(), o.Holder is null ? null : Named(state, o.Holder), o.Deputy is null ? null : Named(state, o.Deputy)))],
        [.. closing.Decisions.Select(d => new ClosingDecisionView(d.Text, d.Why, d.FromBefore))], [.. closing.Actions.Select(a => new ClosingActionView(a.Text, Who(state, rollout, a.Who), a.Day.Length == 0 ? null : a.Day, a.Done))],
        [.. closing.Parking.Select(p => new ClosingParkingView(p.Text, p.Where))], [.. closing.Missing.Select(m => new ClosingGapView(m.Text, m.Field))]);

    /// <summary>A person by name, a role by its words and who holds it now.</summary>
    private static string? Who(ConsoleState state, RolloutAuthority rollout, string who)
    {
        if (who.Length == 0) return null;
        if (!who.StartsWith("role:", StringComparison.Ordinal) || !RoleNames.Rollout.TryGetValue(who[5..], out var role)) return state.Directory.Called(who);
        var holder = rollout.Members.FirstOrDefault(m => m.Role == role && !m.Deputy).PersonId;
        return holder is null ? $"{role.Words()} (nobody yet)" : $"{state.Directory.NameOf(holder)} ({role.Words()})";
    }

    private static NamedView Named(ConsoleState state, string person) => new(person, state.Directory.NameOf(person));
}
