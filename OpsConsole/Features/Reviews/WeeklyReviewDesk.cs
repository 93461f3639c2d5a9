using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Agents;
using OpsConsole.Features.Workshop;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Reviews;

/// <summary>Opens, writes and ends weekly reviews. Whoever may write in the rollout takes part; the rollout's owner and the workflow's (or their deputies) sign. Each step is on the log and signals <see cref="Topic"/>.</summary>
internal sealed class WeeklyReviewDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, WeekGatherer gatherer)
{
    public const string Topic = "reviews", Console = "console";
    /// <summary>What stands in a review's sections is another.</summary>
    public static string TextTopic(string id) => "review-text:" + id;
    /// <summary>Who has a review open, and in which section they stand (<c>Presence</c>).</summary>
    public static string PeopleTopic(string id) => "review-people:" + id;
    public const string Signers = "A weekly review is signed by the rollout's owner, the workflow's owner, or a deputy of one of them.";
    private const string Writers = "People of the rollout and facilitators write its weekly reviews.";
    private static readonly Fault Signed = Fault.Conflict("review.signed", "This review is signed, so it stays as it is. What has to be said besides belongs into the next one.");

    /// <summary>Opens the review of a week that is over, by hand. One that is open already is simply found. Faults: not found, forbidden, <c>week.invalid</c>, <c>week.running</c>, <c>week.empty</c>, <c>figures.counting</c>.</summary>
    public Task<Result<string>> OpenAsync(PersonCaller me, string rolloutId, string week, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, me, rolloutId, Permissions.MayWrite, Writers).Fault is { } fault) return Task.FromResult<Result<string>>(fault);
        return ReviewSchedule.TryWeek(week, out var monday) ? OpenAsync(me.Actor, me.Id, rolloutId, monday, ct) : Task.FromResult<Result<string>>(Fault.Invalid("week.invalid", "week must be written like 2026-W46.", "week"));
    }

    /// <summary>Freezes the week and opens its review, unless that was done. The result is its id.</summary>
    internal async Task<Result<string>> OpenAsync(Actor by, string byId, string rolloutId, DateOnly week, CancellationToken ct)
    {
        if (!writer.State.Rollouts.TryGetValue(rolloutId, out var rollout)) return Fault.NotFound("rollout");
        var start = Periods.DayStart(week, rollout.Zone);
        var end = Periods.EndOf(Grain.Week, start, rollout.Zone);
        if (end > writer.Now) return Fault.Refused("week.running", $"Week {ReviewSchedule.Name(week)} is not over yet. A review looks back on a whole week.", "week");
        await using (var db = await factory.CreateDbContextAsync(ct))
        {
            if (await db.WeeklyReviews.AsNoTracking().Where(r => r.RolloutId == rolloutId && r.Week == week).Select(r => r.Id).SingleOrDefaultAsync(ct) is { } there) return there;
            if (!await BegunAsync(db, rolloutId, end, ct)) return Fault.Refused("week.empty", $"Nothing was asked of this rollout before the end of {ReviewSchedule.Name(week)}. Reviews begin with the first week in which something was.", "week");
        }
        var gathered = await gatherer.OfAsync(rolloutId, week, ct);
        if (gathered.Fault is { } fault) return fault;
        var evidence = JsonSerializer.Serialize(gathered.Value, Wire.Json);
        var sha256 = SHA256.HashData(Encoding.UTF8.GetBytes(evidence));
        return await writer.ChangeAsync<string>(async (scope, inner) =>
        {
            if (await scope.Db.WeeklyReviews.Where(r => r.RolloutId == rolloutId && r.Week == week).Select(r => r.Id).SingleOrDefaultAsync(inner) is { } there) return there;
            var schedule = (await scope.Db.Rollouts.SingleAsync(r => r.Id == rolloutId, inner)).ReviewSchedule ?? ReviewSchedule.Default;
            var today = Today(rollout, scope.Now);
            var due = schedule.DueOn(week) is var usual && usual >= today ? usual : today.AddDays(schedule.DueDays);   // opened late, due later
            var review = new WeeklyReview(Secrets.NewId("wkr"), rolloutId, week, start, end, evidence, sha256, gathered.Value.Week.Asked == 0 ? [ReviewCycle.NothingAsked] : [.. gathered.Value.Thresholds.Where(t => t.Inside == false).Select(t => t.Name)], scope.Now, byId, due);
            scope.Db.WeeklyReviews.Add(review);
            scope.Audit(by, "review.opened", review.Id, new { week = ReviewSchedule.Name(week), sha256 = Convert.ToHexStringLower(sha256), due_on = Day(due) }, rolloutId: rolloutId);
            scope.Signal(Topic);
            return review.Id;
        });
    }

    /// <summary>Writes one section, over whatever stands there. Faults: not found, forbidden, <c>field.invalid</c>, <c>review.stale</c> (somebody wrote meanwhile), <c>review.signed</c>.</summary>
    public Task<Result<Done>> WriteAsync(PersonCaller me, string id, string section, string text, long version) => ChangeAsync(me, id, async (scope, review, ct) =>
    {
        if (WeeklyReview.Sections.All(s => s.Key != section)) return Fault.Invalid("field.invalid", $"section must be one of: {string.Join(", ", WeeklyReview.Sections.Select(s => s.Key))}.", "section");
        if (TextRules.Wrong("text", text, WeeklyReview.LongestSection) is { } wrong) return wrong;
        if (version != review.Version) return new Fault(FaultKind.Stale, "review.stale", "Somebody wrote in this review meanwhile. Look at it again, and send what you wrote once more.");
        var stands = (await ReviewTexts.AllAsync(scope.Db, review, ct))[section];
        return !stands.IsContested && stands.Value == text.Trim() ? Done.Value
            : await ReviewTexts.PutAsync(scope, me, review, [new PatchRequest(Guid.NewGuid().ToString("N"), WeeklyReview.Field(section).ToString(), [.. stands.Standing.Select(p => p.Id)], text.Trim())], ct);
    }, text: true);

    /// <summary>
    /// Puts on record what is typed into sections, all or none, as fields of a worksheet: two texts written at once both stand until somebody chooses. What is on record already is taken again without a change, also once the review is signed.
    /// Faults: not found, forbidden, <c>field.invalid</c>, <c>field.unknown</c>, <c>over.unknown</c>, <c>field.contested</c>, <c>patch.other</c>, <c>review.signed</c>.
    /// </summary>
    public Task<Result<Done>> PatchAsync(PersonCaller me, string id, IReadOnlyList<PatchRequest> requests)
        => PatchRequest.Check(requests) is { } bad ? Task.FromResult<Result<Done>>(bad)
            : ChangeAsync(me, id, async (scope, review, ct) => review.Signed is null ? await ReviewTexts.PutAsync(scope, me, review, requests, ct) : await ReviewTexts.HasAsync(scope.Db, review, me.Id, requests, ct) ? Done.Value : Signed, text: true, afterwards: true);

    /// <summary>Every text that ever stood in a section, newest first. Faults: not found, <c>field.invalid</c>.</summary>
    public async Task<Result<Wire.Page<PatchView>>> HistoryAsync(PersonCaller me, string rolloutId, string week, string section, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, me, rolloutId).Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        var monday = ReviewSchedule.TryWeek(week, out var day) ? day : (DateOnly?)null;
        if (WeeklyReview.Sections.All(s => s.Key != section) || await db.WeeklyReviews.AsNoTracking().Where(r => r.RolloutId == rolloutId && (monday == null ? r.Id == week : r.Week == monday)).Select(r => r.Id).SingleOrDefaultAsync(ct) is not { } id) return Fault.NotFound("section of a review");
        return await PatchWriter.HistoryAsync(db, id, WeeklyReview.Field(section), page, state.Directory, ct);
    }

    /// <summary>Says who took part, in place of what was said before. Faults: not found, forbidden, <c>person.unknown</c>, <c>review.signed</c>.</summary>
    public Task<Result<Done>> AttendAsync(PersonCaller me, string id, IReadOnlyList<string> people) => ChangeAsync(me, id, (scope, review) =>
    {
        List<string> named = [];
        foreach (var person in people)
        {
            if (scope.State.Directory.Find(person) is not { Active: true } found) return Fault.Refused("person.unknown", $"Nobody who can sign in is called {VisibleText.Flatten(person)}.", "people");
            if (!named.Contains(found.Id)) named.Add(found.Id);
        }
        if (named.Count > WeeklyReview.MostPeople) return Fault.Refused("review.full", $"At most {WeeklyReview.MostPeople} people take part in a review.", "people");
        if (named.SequenceEqual(review.Attendees)) return Done.Value;
        review.Attend(named);
        scope.Audit(me.Actor, "review.attended", id, new { people = named }, rolloutId: review.RolloutId);
        return Done.Value;
    });

    /// <summary>
    /// Ends it, by name: keep, adjust (the matrix's draft waits for a version, or a tier goes down at once) or stop (the rollout stands still at once).
    /// Faults: not found, forbidden, <c>review.words</c>, <c>review.evidence</c>, <c>review.adjust</c>, <c>review.signed</c>, <c>review.stale</c>, <c>review.contested</c>.
    /// </summary>
    /// <param name="version">Of the review as it was read; what is signed is what was seen.</param>
    public Task<Result<Done>> SignAsync(PersonCaller me, string id, SignRequest request, long? version) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var found = await FindAsync(scope, me, id, ct);
        if (found.Fault is { } fault) return fault;
        var (review, rollout) = found.Value;
        if (!ConfirmationRules.Verdict.May(me.Id, rollout)) return Fault.Forbidden(Signers);
        if (review.Signed is not null) return Signed;
        if (version is { } seen && seen != review.Version) return new Fault(FaultKind.Stale, "review.stale", "Somebody wrote in this review meanwhile. Read what is new, then sign.");
        if ((await ReviewTexts.AllAsync(scope.Db, review, ct)).FirstOrDefault(t => t.Value.IsContested).Key is { } section)
            return Fault.Refused("review.contested", $"More than one text stands in “{WeekWords.Title(Evidence(review), section)}”. One of its writers takes the one that holds, then it is signed.", section);
        if (request.Words.Trim().Length < WeeklyReview.LeastWords) return Fault.Refused("review.words", $"Say why in your own words: at least {WeeklyReview.LeastWords} characters.", "words");
        if (TextRules.Wrong("words", request.Words, WeeklyReview.MostWords) is { } wrong) return wrong;
        var citable = Evidence(review).Citable.Select(c => c.Key).ToHashSet(StringComparer.Ordinal);
        if (request.Evidence.Count == 0) return Fault.Refused("review.evidence", "Say what it rests on: at least one figure, incident or override of the week.", "evidence");
        if (request.Evidence.FirstOrDefault(e => !citable.Contains(e)) is { } unknown) return Fault.Refused("review.evidence", $"{VisibleText.Flatten(unknown)} is not part of this week's evidence.", "evidence");
        if (request.Verdict == ReviewVerdict.Adjust != request.Adjust is not null) return Fault.Refused("review.adjust", request.Adjust is null ? "Say what is adjusted: matrix or tier." : "Only adjust takes an adjustment.", "adjust");
        string? effect = null;
        if (request.Verdict == ReviewVerdict.Stop)
        {
            if (!scope.State.Directory.People.TryGetValue(me.Id, out var person) || !Permissions.MayPause(person, rollout)) return Fault.Forbidden("Stop pauses the rollout: its owners, its incident owner, its engineering owner, its risk lead or an admin may do that.");
            if ((await scope.Db.Rollouts.SingleAsync(r => r.Id == rollout.Id, ct)).Pause(Because(review, request), me.Id, scope.Now))
            {
                scope.Audit(me.Actor, "rollout.paused", rollout.Id, new { review = id }, new { reason = Because(review, request) }, rollout.Id);
                scope.AuthorityChanged();
            }
        }
        else if (request.Adjust == Adjustment.Tier)
        {
            var lowered = await LowerAsync(scope, me, review, rollout, request, ct);
            if (lowered.Fault is { } refused) return refused;
            effect = lowered.Value;
        }
        else if (request.Adjust == Adjustment.Matrix) effect = (rollout.Policy?.Version ?? 0).ToString(CultureInfo.InvariantCulture);
        review.Sign(new SignedVerdict(request.Verdict, request.Words.Trim(), [.. request.Evidence.Distinct()], request.Adjust, effect, me.Id, scope.Now));
        scope.Audit(me.Actor, "review.signed", id, new { week = ReviewSchedule.Name(review.Week), verdict = Word(request.Verdict), evidence = request.Evidence, adjust = request.Adjust is { } what ? what.ToString().ToLowerInvariant() : null, effect, sha256 = Convert.ToHexStringLower(review.Sha256), texts = TextsHash(review) }, new { words = request.Words.Trim() }, review.RolloutId);
        scope.Signal(Topic);
        return Done.Value;
    });

    /// <summary>Reminds whoever signs that it is late; once in <see cref="WeeklyReview.RemindEvery"/>.</summary>
    internal Task<Result<Done>> RemindAsync(string id) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (await scope.Db.WeeklyReviews.SingleOrDefaultAsync(r => r.Id == id, ct) is not { Signed: null } review || !scope.State.Rollouts.TryGetValue(review.RolloutId, out var rollout) || !Late(review.Signed, review.DueOn, review.RemindedAt, rollout, scope.Now)) return Done.Value;
        review.Remind(scope.Now);
        scope.Audit(Actor.System, "review.reminded", id, new { week = ReviewSchedule.Name(review.Week), due_on = Day(review.DueOn) }, rolloutId: review.RolloutId);
        scope.Signal(Topic);
        return Done.Value;
    });

    /// <summary>Whether anything was asked for real before then. The first decisions of a rollout answer it.</summary>
    internal static async Task<bool> BegunAsync(OpsDbContext db, string rolloutId, DateTimeOffset end, CancellationToken ct)
        => await db.Decisions.AsNoTracking().Where(d => d.RolloutId == rolloutId && d.Mode == AskMode.Live).OrderBy(d => d.Seq).Select(d => (DateTimeOffset?)d.At).FirstOrDefaultAsync(ct) is { } first && first < end;

    internal static bool Late(SignedVerdict? signed, DateOnly dueOn, DateTimeOffset? remindedAt, RolloutAuthority rollout, DateTimeOffset now)
        => signed is null && dueOn < Today(rollout, now) && (remindedAt is not { } last || now - last >= WeeklyReview.RemindEvery);

    internal static DateOnly Today(RolloutAuthority rollout, DateTimeOffset now) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, rollout.Zone).DateTime);

    internal static WeekEvidence Evidence(WeeklyReview review) => JsonSerializer.Deserialize<WeekEvidence>(review.Evidence, Wire.Json)!;

    internal static string Word(ReviewVerdict verdict) => verdict.ToString().ToLowerInvariant();

    private static string Because(WeeklyReview review, SignRequest request) => $"Weekly review {ReviewSchedule.Name(review.Week)}: {request.Words.Trim()}" is var why && why.Length > 2_000 ? why[..2_000] : why;

    private static string TextsHash(WeeklyReview review) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', review.Texts.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}={t.Value}")))));

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static async Task<Result<string>> LowerAsync(ChangeScope scope, PersonCaller me, WeeklyReview review, RolloutAuthority rollout, SignRequest request, CancellationToken ct)
    {
        if (await scope.Db.Grants.SingleOrDefaultAsync(g => g.Id == request.GrantId, ct) is not { } grant || !grant.Live(scope.Now) || !scope.State.Agents.TryGetValue(grant.AgentId, out var agent) || agent.Rollout.Id != rollout.Id)
            return Fault.Refused("review.adjust", "Choose a grant of this rollout's agents that is in force.", "grant_id");
        if (grant.TierAt(scope.Now) == Tier.Observer) return Fault.Refused("review.adjust", "An observer has no lower tier. End the grant on the agent's page, or stop.", "grant_id");
        if (!scope.State.Directory.People.TryGetValue(me.Id, out var person) || !Permissions.MayEndGrant(person, agent)) return Fault.Forbidden("A tier is lowered by whoever may end the grant: the rollout's owners, its incident, engineering or risk people, the agent's owner or an admin.");
        var lower = await GrantLedger.LowerAsync(scope, me.Actor, agent, grant, grant.TierAt(scope.Now) - 1, Because(review, request), me.Id, ct, "demoted");
        return lower.Id;
    }

    private Task<Result<Done>> ChangeAsync(PersonCaller me, string id, Func<ChangeScope, WeeklyReview, Result<Done>> change) => ChangeAsync(me, id, (scope, review, _) => Task.FromResult(change(scope, review)));

    /// <param name="text">Only what stands in its sections is changed.</param>
    /// <param name="afterwards">A signed one is for <paramref name="change"/> to judge.</param>
    private Task<Result<Done>> ChangeAsync(PersonCaller me, string id, Func<ChangeScope, WeeklyReview, CancellationToken, Task<Result<Done>>> change, bool text = false, bool afterwards = false) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var found = await FindAsync(scope, me, id, ct);
        if (found.Fault is { } fault) return fault;
        var (review, rollout) = found.Value;
        if (!scope.State.Directory.People.TryGetValue(me.Id, out var person) || !Permissions.MayWrite(person, rollout)) return Fault.Forbidden(Writers);
        if (review.Signed is not null && !afterwards) return Signed;
        var done = await change(scope, review, ct);
        if (done.Ok) scope.Signal(text ? TextTopic(id) : Topic);
        return done;
    });

    private static async Task<Result<(WeeklyReview Review, RolloutAuthority Rollout)>> FindAsync(ChangeScope scope, PersonCaller me, string id, CancellationToken ct)
    {
        if (await scope.Db.WeeklyReviews.SingleOrDefaultAsync(r => r.Id == id, ct) is not { } review || Sight.Rollout(scope.State, me, review.RolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("review");
        return (review, rollout);
    }
}
