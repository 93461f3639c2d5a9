using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Incidents;
using OpsConsole.Features.Reliability;

namespace OpsConsole.Features.Reviews;

/// <summary>Reads weekly reviews, for whoever sees the rollout.</summary>
public sealed class WeeklyReviewReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, ReliabilityReader figures)
{
    private const int MostListed = 260, Earlier = 4;

    /// <summary>Faults: not found.</summary>
    public async Task<Result<ReviewSeries>> SeriesAsync(PersonCaller me, string rolloutId, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        await using var db = await factory.CreateDbContextAsync(ct);
        var reviews = await Rows(db.WeeklyReviews.AsNoTracking().Where(r => r.RolloutId == rolloutId).OrderByDescending(r => r.Week).Take(MostListed)).ToListAsync(ct);
        var schedule = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => r.ReviewSchedule).SingleAsync(ct) ?? ReviewSchedule.Default;
        var last = schedule.LastOpen(now, rollout.Zone);
        var have = reviews.Select(r => r.Week).ToHashSet();
        List<string> missing = [];
        if (reviews.Count > 0) for (var week = last > reviews[0].Week ? last : reviews[0].Week; week >= reviews[^1].Week; week = week.AddDays(-7)) if (!have.Contains(week)) missing.Add(ReviewSchedule.Name(week));
        var begun = reviews.Count > 0 || await db.Decisions.AsNoTracking().AnyAsync(d => d.RolloutId == rolloutId && d.Mode == AskMode.Live, ct);
        var person = state.Directory.People[me.Id];
        return new ReviewSeries(rolloutId, rollout.Name, [.. reviews.Select(r => Line(r, rollout, state, now))], missing, !begun || rollout.Archived ? null : schedule.OpensAt(last.AddDays(7), rollout.Zone), rollout.Zone.Id, Permissions.MayWrite(person, rollout), Permissions.MayGovern(person, rollout));
    }

    /// <summary>When reviews open, and the rollout's own thresholds (JSON; null: none).</summary>
    public async Task<Result<(ReviewSchedule Schedule, string? Thresholds)>> SettingsAsync(PersonCaller me, string rolloutId, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, me, rolloutId).Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        var own = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => new { r.ReviewSchedule, r.Thresholds }).SingleAsync(ct);
        return (own.ReviewSchedule ?? ReviewSchedule.Default, own.Thresholds);
    }

    /// <param name="week">Such as <c>2026-W46</c>, or the review's id. Faults: not found.</param>
    public async Task<Result<WeeklyReviewView>> FindAsync(PersonCaller me, string rolloutId, string week, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        await using var db = await factory.CreateDbContextAsync(ct);
        var monday = ReviewSchedule.TryWeek(week, out var day) ? day : (DateOnly?)null;
        if (await db.WeeklyReviews.AsNoTracking().SingleOrDefaultAsync(r => r.RolloutId == rolloutId && (monday == null ? r.Id == week : r.Week == monday), ct) is not { } review) return Fault.NotFound("review of that week");
        var evidence = WeeklyReviewDesk.Evidence(review);
        var live = await figures.OfAsync(rollout, new ReliabilityQuery(Grain.Week, 1, review.Start), ct);
        var earlier = await Rows(db.WeeklyReviews.AsNoTracking().Where(r => r.RolloutId == rolloutId && r.Week < review.Week).OrderByDescending(r => r.Week).Take(Earlier)).ToListAsync(ct);
        var line = Line(new Row(review.Id, review.Week, review.Start, review.End, review.OpenedAt, review.DueOn, review.Signed, review.Outside), rollout, state, now);
        var person = state.Directory.People[me.Id];
        var people = state.Directory.People.Values.Where(p => p.Active && Permissions.MayWrite(p, rollout)).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => new NamedPerson(p.Id, p.Name)).ToList();
        var lowerable = state.Agents.Values.Where(a => a.Rollout.Id == rolloutId && !a.Retired && Permissions.MayEndGrant(person, a)).Select(a => a.Id).ToList();
        var grants = (await db.Grants.AsNoTracking().Where(g => lowerable.Contains(g.AgentId) && g.EndedAt == null && g.Tier > Tier.Observer).ToListAsync(ct)).Where(g => g.Live(now) && g.TierAt(now) > Tier.Observer);
        var sections = await SectionsAsync(db, review, state, ct);
        return new WeeklyReviewView(review.Id, review.Version, rolloutId, rollout.Name, rollout.Zone.Id, line.Week, review.Start, review.End, review.OpenedAt, review.DueOn, line.Overdue, Convert.ToHexStringLower(review.Sha256), evidence,
            live.Ok && live.Value.Periods[0].Start == review.Start && live.Value.Periods[0].End == review.End ? Differences(evidence.Week, live.Value.Periods[0]) : [], sections, [.. review.Attendees.Select(a => new NamedPerson(a, state.Directory.NameOf(a)))],
            await SignedAsync(db, review, rollout, state, ct), [.. earlier.Select(r => Line(r, rollout, state, now))], Permissions.MayWrite(person, rollout) && review.Signed is null, ConfirmationRules.Verdict.May(me.Id, rollout) && review.Signed is null, WeeklyReviewDesk.Signers, people,
            [.. grants.Select(g => new LowerableGrant(g.Id, g.AgentId, state.Agents[g.AgentId].Name, g.Capability, g.TierAt(now).ToString().ToLowerInvariant(), (g.TierAt(now) - 1).ToString().ToLowerInvariant())).OrderBy(g => g.AgentName, StringComparer.OrdinalIgnoreCase).ThenBy(g => g.Capability, StringComparer.Ordinal)])
        { NameOf = state.Directory.NameOf };
    }

    /// <summary>What stands in the sections, and which version of the review that is. Faults: not found.</summary>
    public async Task<Result<(long Version, IReadOnlyList<WeekSectionView> Sections)>> TextsAsync(PersonCaller me, string rolloutId, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, me, rolloutId).Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.WeeklyReviews.AsNoTracking().SingleOrDefaultAsync(r => r.RolloutId == rolloutId && r.Id == id, ct) is { } review ? (review.Version, await SectionsAsync(db, review, state, ct)) : Fault.NotFound("review of that week");
    }

    private static async Task<IReadOnlyList<WeekSectionView>> SectionsAsync(OpsDbContext db, WeeklyReview review, ConsoleState state, CancellationToken ct)
    {
        var texts = review.Signed is null ? await ReviewTexts.AllAsync(db, review, ct) : null;
        return [.. WeeklyReview.Sections.Select(s => new WeekSectionView(s.Key, WeeklyReview.Field(s.Key).ToString(), s.Title, s.Help, review.Texts.GetValueOrDefault(s.Key, ""),
            texts is null ? [] : [.. texts[s.Key].Standing.Select(p => new SectionText(p.Id, p.Value, new NamedPerson(p.Author, state.Directory.NameOf(p.Author)), p.At))]))];
    }

    /// <summary>The reviews of these rollouts from a week on, newest first, for the console itself.</summary>
    public async Task<IReadOnlyList<(string RolloutId, ReviewLine Line)>> SinceAsync(IReadOnlyList<RolloutAuthority> rollouts, DateOnly week, CancellationToken ct)
    {
        var (state, now, known) = (writer.State, writer.Now, rollouts.ToDictionary(r => r.Id));
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await db.WeeklyReviews.AsNoTracking().Where(r => known.Keys.Contains(r.RolloutId) && r.Week >= week).OrderByDescending(r => r.Week)
            .Select(r => new { r.RolloutId, Row = new Row(r.Id, r.Week, r.Start, r.End, r.OpenedAt, r.DueOn, r.Signed, r.Outside) }).ToListAsync(ct);
        return [.. rows.Select(r => (r.RolloutId, Line(r.Row, known[r.RolloutId], state, now)))];
    }

    /// <summary>The unsigned reviews that a person may sign, over all rollouts, the oldest first: what the home page reminds of.</summary>
    public async Task<IReadOnlyList<DueReview>> DueAsync(PersonCaller me, string? rolloutId, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        var mine = state.Rollouts.Values.Where(r => !r.Archived && (rolloutId is null || r.Id == rolloutId) && ConfirmationRules.Verdict.May(me.Id, r)).Select(r => r.Id).ToList();
        if (mine.Count == 0) return [];
        await using var db = await factory.CreateDbContextAsync(ct);
        var open = await db.WeeklyReviews.AsNoTracking().Where(r => mine.Contains(r.RolloutId) && r.Signed == null).OrderBy(r => r.Week).Take(20).Select(r => new { r.Id, r.RolloutId, r.Week, r.DueOn }).ToListAsync(ct);
        return [.. open.Select(r => new DueReview(r.Id, r.RolloutId, state.Rollouts[r.RolloutId].Name, ReviewSchedule.Name(r.Week), r.DueOn, r.DueOn < WeeklyReviewDesk.Today(state.Rollouts[r.RolloutId], now)))];
    }

    /// <summary>A review without its evidence.</summary>
    private sealed record Row(string Id, DateOnly Week, DateTimeOffset Start, DateTimeOffset End, DateTimeOffset OpenedAt, DateOnly DueOn, SignedVerdict? Signed, IReadOnlyList<string> Outside);

    private static IQueryable<Row> Rows(IQueryable<WeeklyReview> reviews) => reviews.Select(r => new Row(r.Id, r.Week, r.Start, r.End, r.OpenedAt, r.DueOn, r.Signed, r.Outside));

    private static ReviewLine Line(Row r, RolloutAuthority rollout, ConsoleState state, DateTimeOffset now)
        => new(r.Id, ReviewSchedule.Name(r.Week), r.Start, r.End, r.OpenedAt, r.DueOn, r.Signed is null && r.DueOn < WeeklyReviewDesk.Today(rollout, now), r.Signed is { } s ? WeeklyReviewDesk.Word(s.Verdict) : null, r.Signed is { } by ? new NamedPerson(by.By, state.Directory.NameOf(by.By)) : null, r.Signed?.At,
            r.Outside.Contains(ReviewCycle.NothingAsked) ? ["Nothing was asked"] : [.. Thresholds.Of(null).Where(t => r.Outside.Contains(t.Name)).Select(t => t.Words)]);

    // What came of it: the version that followed the one in force then, or the tier that was lowered.
    private static async Task<VerdictView?> SignedAsync(OpsDbContext db, WeeklyReview review, RolloutAuthority rollout, ConsoleState state, CancellationToken ct)
    {
        if (review.Signed is not { } s) return null;
        string? effect = s.Verdict == ReviewVerdict.Stop ? "The rollout was paused." : null, href = s.Verdict == ReviewVerdict.Stop ? "/rollouts/" + rollout.Id : null;
        if (s.Adjust == Adjustment.Matrix)
        {
            var was = int.Parse(s.Effect!, CultureInfo.InvariantCulture);
            var next = await db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == rollout.Id && v.Number > was).OrderBy(v => v.Number).Select(v => (int?)v.Number).FirstOrDefaultAsync(ct);
            (effect, href) = next is { } number
                ? (string.Create(CultureInfo.InvariantCulture, $"Version {number} of the matrix was put in force after it."), $"/rollouts/{rollout.Id}/matrix/versions")
                : (string.Create(CultureInfo.InvariantCulture, $"The matrix is to be changed; version {was} is still in force."), $"/rollouts/{rollout.Id}/matrix");
        }
        else if (s.Adjust == Adjustment.Tier && await db.Grants.AsNoTracking().SingleOrDefaultAsync(g => g.Id == s.Effect, ct) is { } grant)
            (effect, href) = ($"{(state.Agents.TryGetValue(grant.AgentId, out var agent) ? agent.Name : grant.AgentId)} has {grant.Capability} as {grant.Tier.ToString().ToLowerInvariant()} since.", "/agents/" + grant.AgentId);
        var words = WeeklyReviewDesk.Evidence(review).Citable.ToDictionary(c => c.Key, c => c.Words, StringComparer.Ordinal);
        return new VerdictView(WeeklyReviewDesk.Word(s.Verdict), s.Words, [.. s.Evidence.Select(e => words.GetValueOrDefault(e, e))], s.Adjust?.ToString().ToLowerInvariant(), effect, href, new NamedPerson(s.By, state.Directory.NameOf(s.By)), s.At);
    }

    /// <summary>What is another now than when the week was frozen.</summary>
    internal static IReadOnlyList<WeekDifference> Differences(PeriodView was, PeriodView now)
    {
        List<WeekDifference> found = [];
        void Compare(string what, string a, string b) { if (a != b) found.Add(new(what, a, b)); }
        Compare("Asked", Number(was.Asked), Number(now.Asked));
        Compare("Denied", Number(was.Denied), Number(now.Denied));
        Compare("Executed", Number(was.Executed), Number(now.Executed));
        Compare("Autonomy rate", Share(was.Autonomy), Share(now.Autonomy));
        Compare("Override rate", Share(was.Override), Share(now.Override));
        Compare("Expired", Share(was.Expired), Share(now.Expired));
        Compare("Succeeded", Share(was.Success), Share(now.Success));
        Compare("Incidents", Number(was.Incidents?.Count ?? 0), Number(now.Incidents?.Count ?? 0));
        Compare("Incidents per 1,000", Per(was.Incidents?.Rate), Per(now.Incidents?.Rate));
        Compare("Nine of ten decisions within, minutes", Per(was.Approval.P90 / 60), Per(now.Approval.P90 / 60));
        Compare("Nine of ten recoveries within, minutes", Per(was.ToRestore?.P90 / 60), Per(now.ToRestore?.P90 / 60));
        Compare("Cost", Dollars(was.CostUsd), Dollars(now.CostUsd));
        return found;
    }

    private static string Per(double? value) => value is { } v ? v.ToString("0.##", CultureInfo.InvariantCulture) : "–";
    internal static string Number(long n) => n.ToString("N0", CultureInfo.InvariantCulture);
    internal static string Dollars(decimal usd) => usd.ToString("0.00", CultureInfo.InvariantCulture) + " $";
    internal static string Share(ShareView share) => share.Rate is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate * 100:0.#} % ({share.Count:N0} of {share.Of:N0})") : "–";
}
