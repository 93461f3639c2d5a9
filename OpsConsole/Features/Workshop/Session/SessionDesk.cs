using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Session;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Session;

/// <summary>
/// What people do in a session. Whoever writes on the worksheets takes part; only the present facilitator steers. Signals the topic <c>session:&lt;rollout&gt;</c>.
/// On record is what the room decided and who led it, and once who voted, never how; being ready and private writing pass without an entry until texts are revealed.
/// </summary>
internal sealed class SessionDesk(DurableWriter writer, SessionState sessions, SessionReader reader)
{
    private const string Openers = "A session is opened by a facilitator, an admin, or somebody who edits this rollout.", Participants = "Members of the rollout take part in its session. You may look on.";
    private static readonly Fault None = Fault.Conflict("session.none", "No session is open in this rollout. It may just have ended.");

    /// <summary>What goes on record for a change.</summary>
    private sealed record Entry(string Event, object? Details = null, object? Payload = null);

    private delegate Task<Result<Entry?>> Move(WorkshopSession session, ChangeScope scope, CancellationToken ct);

    public static string Topic(string rolloutId) => "session:" + rolloutId;

    /// <summary>Who has a page of the rollout open while its session runs (<c>Presence</c>).</summary>
    public static string PeopleTopic(string rolloutId) => "session-people:" + rolloutId;

    public Fault? MayOpen(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayEdit, Openers).Fault;
    public Fault? MayTakePart(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayWrite, Participants).Fault;

    /// <summary>Whether they steer the open session; says who does.</summary>
    public async Task<Fault?> MaySteerAsync(PersonCaller caller, string id, CancellationToken ct)
        => MayTakePart(caller, id) ?? (await sessions.OpenAsync(id, ct) is not { } open ? None : NotFacilitator(writer.State, caller, open));

    /// <summary>Whoever opened it, an admin or a facilitator takes the session back from whoever leads it.</summary>
    public static bool MayTakeBack(ConsoleState state, PersonCaller caller, WorkshopSession session)
        => caller.Id == session.OpenedBy || (state.Directory.People.TryGetValue(caller.Id, out var me) && me.Active && me.Is(ConsoleRoles.Admin | ConsoleRoles.Facilitator));

    /// <summary>Faults: <c>session.open</c>.</summary>
    /// <param name="boxes">One per item of the usual agenda; null: the usual ones.</param>
    public async Task<Result<SessionView>> OpenAsync(PersonCaller caller, string id, IReadOnlyList<TimeSpan>? boxes)
    {
        var opened = await writer.ChangeAsync<WorkshopSession>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayEdit, Openers).Fault is { } refused) return refused;
            if (await SessionState.Find(scope.Db, id).SingleOrDefaultAsync(ct) is { } open)
                return Fault.Conflict("session.open", $"A session is open already; {VisibleText.Flatten(scope.State.Directory.NameOf(open.Facilitator))} leads it. Join that one, or let it end first.", new Dictionary<string, object?> { ["session"] = open.Id });
            string code;
            do code = RandomNumberGenerator.GetString(SessionCode.Letters, SessionCode.Length);
            while (await scope.Db.Sessions.AnyAsync(s => s.Code == code, ct));
            var session = new WorkshopSession(Secrets.NewId("ses"), id, code, caller.Id, scope.Now, boxes is null ? Agenda.Usual : [.. Agenda.Usual.Select((a, i) => a with { Box = boxes[i] })]);
            scope.Db.Sessions.Add(session);
            scope.Audit(caller.Actor, "session.opened", session.Id, rolloutId: id);
            scope.Signal(Topic(id));
            return session;
        });
        return opened.Then(s => View(caller, s));
    }

    public Task<Result<SessionView>> GoToAsync(PersonCaller caller, string id, int item) => SteerAsync(caller, id, (s, scope) => s.GoTo(item, scope.Now), _ => new("session.item", new { item }));

    public Task<Result<SessionView>> ClockAsync(PersonCaller caller, string id, bool running) => SteerAsync(caller, id, (s, scope) => s.Clock(running, scope.Now), s => new("session.clock", new { item = s.Board.At, running }));

    public Task<Result<SessionView>> SetBoxAsync(PersonCaller caller, string id, int item, TimeSpan box) => SteerAsync(caller, id, (s, _) => s.SetBox(item, box), _ => new("session.box", new { item, minutes = (int)box.TotalMinutes }));

    /// <summary>Brings everybody to a page of the rollout. Faults: <c>path.outside</c>.</summary>
    public Task<Result<SessionView>> GatherAsync(PersonCaller caller, string id, string path) => SteerAsync(caller, id,
        (s, _) => Gathering.IsInside(id, path) ? s.Gather(path) : Fault.Refused("path.outside", $"People are brought to pages of this rollout only: /rollouts/{id}, or an address below it.", "path"), s => new("session.gathered", new { number = s.Board.Gathering!.Number, path }));

    /// <summary>Faults: <c>person.not_member</c>.</summary>
    /// <param name="to">E-mail or id of somebody who takes part.</param>
    public Task<Result<SessionView>> HandOverAsync(PersonCaller caller, string id, string to) => SteerAsync(caller, id,
        (s, scope) => scope.State.Directory.Find(to) is { } person && Permissions.MayWrite(person, scope.State.Rollouts[id]) ? s.HandOver(person.Id) : Fault.Refused("person.not_member", "A session is handed to a member of the rollout, a facilitator or an admin.", "to"),
        s => new("session.handed_over", new { to = s.Facilitator }));

    public Task<Result<SessionView>> TakeBackAsync(PersonCaller caller, string id) => ChangeAsync(caller, id, steer: false, (s, scope, _) =>
    {
        if (!MayTakeBack(scope.State, caller, s)) return Moved(Fault.Forbidden($"Whoever opened this session ({VisibleText.Flatten(scope.State.Directory.NameOf(s.OpenedBy))}), a facilitator or an admin may take it back."));
        var from = s.Facilitator;
        return Moved(s.HandOver(caller.Id), new Entry("session.taken_back", new { from }));
    });

    public Task<Result<SessionView>> RevealAsync(PersonCaller caller, string id, int step) => SteerAsync(caller, id, (s, _) => s.Reveal(step), s => new("session.votes_revealed", new { step, counts = string.Join(' ', s.BallotOf(step).Counts!) }));

    public Task<Result<SessionView>> VoteAgainAsync(PersonCaller caller, string id, int step) => SteerAsync(caller, id, (s, _) => s.VoteAgain(step), _ => new("session.vote_again", new { step }));

    /// <summary>Faults: <c>field.invalid</c>, and those of <see cref="WorkshopSession.Ask"/>.</summary>
    public Task<Result<SessionView>> AskAsync(PersonCaller caller, string id, string question)
        => SteerAsync(caller, id, (s, _) => Unfit("question", question, QuestionRequest.MostCharacters, line: true) is { } wrong ? wrong : s.Ask(question, null), _ => new("session.asked", null, new { question }));

    public Task<Result<SessionView>> RevealRoundAsync(PersonCaller caller, string id) => SteerAsync(caller, id, (s, _) => s.RevealRound(), s => new("session.texts_revealed", new { texts = s.Board.Round!.Texts.Count }, new { question = s.Board.Round.Question, texts = s.Board.Round.Texts }));

    public Task<Result<SessionView>> ReadyAsync(PersonCaller caller, string id, bool ready) => ChangeAsync(caller, id, steer: false, (s, _, _) => Moved(s.SetReady(caller.Id, ready)));

    public Task<Result<SessionView>> VoteAsync(PersonCaller caller, string id, int step, int confidence) => ChangeAsync(caller, id, steer: false, (s, _, _) =>
    {
        var again = s.BallotOf(step).Votes.ContainsKey(caller.Id);   // that somebody changed their mind is nobody's business
        return Moved(s.Vote(step, caller.Id, confidence), again ? null : new Entry("session.voted", new { step }));
    });

    /// <summary>Faults: <c>field.invalid</c>, and those of <see cref="WorkshopSession.Write"/>.</summary>
    /// <param name="meant">The session and the number of the round for which it was written, so that a text that comes late lands in no other; null: whichever is open.</param>
    public Task<Result<SessionView>> WriteAsync(PersonCaller caller, string id, string text, (string Session, int Round)? meant = null) => ChangeAsync(caller, id, steer: false, (s, _, _) => Moved(
        Unfit("text", text, WriteRequest.MostCharacters, line: false) is { } wrong ? wrong
        : meant is { } round && round != (s.Id, s.Board.Past.Count) ? Fault.Conflict("round.closed", "This round of private writing is over.") : s.Write(caller.Id, text)), quiet: true);

    /// <param name="line">One line that must not be empty; else any lines or none.</param>
    private static Fault? Unfit(string field, string? text, int most, bool line)
        => text is null ? Fault.Invalid("field.required", $"{field} is required.", field) : TextRules.Wrong(field, text, most, required: line) is { } wrong ? wrong
         : text.Any(c => char.IsControl(c) && (line || c is not ('\n' or '\r' or '\t'))) ? Fault.Invalid("field.invalid", $"{field} holds characters that control a machine and say nothing.", field) : null;

    /// <summary>Ends it for good; what the worksheets say now is what the room leaves with.</summary>
    public Task<Result<SessionView>> EndAsync(PersonCaller caller, string id) => ChangeAsync(caller, id, steer: true, async (s, scope, ct) =>
    {
        var patches = await scope.Db.Patches.AsNoTracking().Where(p => p.RolloutId == id && !p.Replaced).OrderBy(p => p.Seq).ToListAsync(ct);
        var ended = s.End(scope.Now, SessionClosing.Of(sheet => Worksheet.Of(sheet, patches.Where(p => p.Field.Sheet == sheet)), scope.State.Rollouts[id].Members, s.OpenedAt));
        return ended.Fault is { } over ? over : new Entry("session.ended", new { missing = s.Board.Closing!.Missing.Count });
    });

    private Task<Result<SessionView>> SteerAsync(PersonCaller caller, string id, Func<WorkshopSession, ChangeScope, Result<Done>> move, Func<WorkshopSession, Entry> entry)
        => ChangeAsync(caller, id, steer: true, (s, scope, _) => move(s, scope) is { Fault: { } refused } ? Moved(refused) : Moved(Done.Value, entry(s)));

    private async Task<Result<SessionView>> ChangeAsync(PersonCaller caller, string id, bool steer, Move move, bool quiet = false)
    {
        var changed = await writer.ChangeAsync<WorkshopSession>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayWrite, Participants).Fault is { } refused) return refused;
            if (await SessionState.Find(scope.Db, id).SingleOrDefaultAsync(ct) is not { } session) return None;
            if (steer && NotFacilitator(scope.State, caller, session) is { } other) return other;
            var (before, texts) = (session.Version, session.Board.Round?.Texts.Count);
            var moved = await move(session, scope, ct);
            if (moved.Fault is { } wrong) return wrong;
            if (session.Version == before) return session;
            if (moved.Value is { } entry) scope.Audit(caller.Actor, entry.Event, session.Id, entry.Details, entry.Payload, id);
            if (!quiet || session.Board.Round?.Texts.Count != texts) scope.Signal(Topic(id));   // of what somebody writes in private the others learn only that they wrote
            return session;
        });
        return changed.Then(s => View(caller, s));
    }

    private Result<SessionView> View(PersonCaller caller, WorkshopSession session)
        => Sight.Rollout(writer.State, caller, session.RolloutId).Then<SessionView>(rollout => reader.View(writer.State, caller, rollout, session));

    private static Task<Result<Entry?>> Moved(Result<Done> done, Entry? entry = null) => Task.FromResult(done.Fault is { } fault ? fault : (Result<Entry?>)entry);

    private static Fault? NotFacilitator(ConsoleState state, PersonCaller caller, WorkshopSession session)
        => session.Facilitator == caller.Id ? null : Fault.Forbidden($"{VisibleText.Flatten(state.Directory.NameOf(session.Facilitator))} leads this session. Only they steer it.", "session.not_facilitator");
}
