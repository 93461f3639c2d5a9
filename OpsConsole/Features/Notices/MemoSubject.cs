using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Data;

namespace OpsConsole.Features.Notices;

/// <summary>A scale memo: while it waits the sponsor and their deputies are asked, but nobody whom separation of duties keeps from it; where nobody is left, the rollout's owners hear of it. Once it is decided, whoever drafted and submitted it hears of that.</summary>
internal sealed record MemoSubject(ScaleMemo Memo, RolloutAuthority Authority) : NoticeSubject(Authority)
{
    public override bool High => false;
    public override bool Open => Memo.State == MemoState.Submitted;

    public override Dictionary<string, bool> Told(NoticeKind kind, ConsoleState state, DateTimeOffset now)
    {
        if (!Open) return Memo.Signed is null ? [] : new[] { Memo.DraftedBy, Memo.SubmittedBy! }.Distinct().ToDictionary(id => id, _ => false);
        var people = state.Directory.People.Values.Where(p => p.Active && Decides(p.Id)).ToDictionary(p => p.Id, _ => true);
        return people.Count > 0 ? people : Rollout.Owners.Distinct().ToDictionary(id => id, _ => false);
    }

    public override bool MaySee(PersonEntry person, ConsoleState state, DateTimeOffset now) => Permissions.MaySee(person, Rollout, state.Directory);

    public override bool Matters(Notice notice, ConsoleState state, DateTimeOffset now) => notice.Asked ? Open && Decides(notice.PersonId) : Open || Memo.Signed is not null;

    public override NoticeLine Line(NoticeKind kind, bool asked, string origin)
        => new(kind, asked, "", Rollout.Name, "", High, null, $"{origin}/rollouts/{Rollout.Id}/memos/{Memo.Id}{(asked ? "/read" : "")}") { Week = Memo.LastWeek is { } week ? ReviewSchedule.Name(week) : null };

    public override NoticeView Fill(NoticeView view, ConsoleState state) => view with
    {
        Title = "Scale memo" + (Memo.LastWeek is { } week ? " up to " + ReviewSchedule.Name(week) : ""), Status = Open ? "to_decide" : Memo.State.ToString().ToLowerInvariant(), DecidedBy = Memo.Signed is { } by ? state.Directory.NameOf(by.By) : null, RequestedAt = Memo.SubmittedAt,
    };

    private bool Decides(string personId) => ConfirmationRules.Memo.May(personId, Rollout) && !(Rollout.SeparationOfDuties && (Memo.DraftedBy == personId || Memo.SubmittedBy == personId));

    public static async Task<IEnumerable<MemoSubject>> AllAsync(OpsDbContext db, IReadOnlyCollection<string> ids, ConsoleState state, CancellationToken ct)
        => ids.Count == 0 ? [] : (await db.ScaleMemos.AsNoTracking().Where(m => ids.Contains(m.Id)).ToListAsync(ct)).Where(m => state.Rollouts.ContainsKey(m.RolloutId)).Select(m => new MemoSubject(m, state.Rollouts[m.RolloutId]));
}
