using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Data;

namespace OpsConsole.Features.Notices;

/// <summary>A weekly review that is to be signed: whoever may sign it is asked; where nobody can, the rollout's owners hear of it.</summary>
/// <param name="Attach">The review goes with the e-mail (<see cref="ReviewSchedule.Attach"/>).</param>
internal sealed record ReviewSubject(WeeklyReview Review, RolloutAuthority Authority, bool Attach) : NoticeSubject(Authority)
{
    public override bool High => false;
    public override bool Open => Review.Signed is null;

    public override Dictionary<string, bool> Told(NoticeKind kind, ConsoleState state, DateTimeOffset now)
    {
        var people = state.Directory.People.Values.Where(p => p.Active && ConfirmationRules.Verdict.May(p.Id, Rollout)).ToDictionary(p => p.Id, _ => true);
        return people.Count > 0 ? people : Rollout.Owners.Distinct().ToDictionary(id => id, _ => false);
    }

    public override bool MaySee(PersonEntry person, ConsoleState state, DateTimeOffset now) => Permissions.MaySee(person, Rollout, state.Directory);

    public override bool Matters(Notice notice, ConsoleState state, DateTimeOffset now) => Open && (!notice.Asked || ConfirmationRules.Verdict.May(notice.PersonId, Rollout));

    public override NoticeLine Line(NoticeKind kind, bool asked, string origin) => new(kind, asked, "", Rollout.Name, "", High, null, $"{origin}/rollouts/{Rollout.Id}/reviews/{ReviewSchedule.Name(Review.Week)}") { Week = ReviewSchedule.Name(Review.Week) };

    public override NoticeView Fill(NoticeView view, ConsoleState state) => view with
    {
        Title = "Week " + ReviewSchedule.Name(Review.Week), Status = Review.Signed is { } signed ? signed.Verdict.ToString().ToLowerInvariant() : "to_sign", DecidedBy = Review.Signed is { } by ? state.Directory.NameOf(by.By) : null, RequestedAt = Review.OpenedAt,
    };

    public static async Task<IEnumerable<ReviewSubject>> AllAsync(OpsDbContext db, IReadOnlyCollection<string> ids, ConsoleState state, CancellationToken ct)
    {
        if (ids.Count == 0) return [];
        var reviews = await (from r in db.WeeklyReviews.AsNoTracking() where ids.Contains(r.Id) join o in db.Rollouts.AsNoTracking() on r.RolloutId equals o.Id select new { Review = r, o.ReviewSchedule }).ToListAsync(ct);
        return reviews.Where(r => state.Rollouts.ContainsKey(r.Review.RolloutId)).Select(r => new ReviewSubject(r.Review, state.Rollouts[r.Review.RolloutId], r.ReviewSchedule?.Attach == true));
    }
}
