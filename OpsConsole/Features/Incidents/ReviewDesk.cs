using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Incidents;

/// <summary>A section of a review with what it says; <paramref name="Missing"/>: nothing yet.</summary>
public sealed record ReviewSectionView(string Key, string Title, string Help, string Text, bool Missing);

/// <summary>Something to be done. Days are the rollout's.</summary>
/// <param name="Lessons">What it became in the console, oldest first.</param>
public sealed record ActionView(string Id, string Text, NamedPerson Owner, DateOnly DueOn, bool Overdue, DateTimeOffset? DoneAt, NamedPerson? DoneBy, IReadOnlyList<LessonView> Lessons);

/// <summary>What an action became: an <c>eval_case</c>, a <c>rule</c> of the draft or a row of the <c>runbook</c>.</summary>
public sealed record LessonView(string Kind, string Reference, NamedPerson By, DateTimeOffset At);

/// <summary>The review of an incident. <paramref name="Version"/> goes into <c>If-Match</c>; 0: nobody has begun it, and what stands there comes from the record.</summary>
public sealed record ReviewView(string IncidentId, long Version, DateOnly? DueOn, bool Overdue, IReadOnlyList<ReviewSectionView> Sections, IReadOnlyList<ActionView> Actions, DateTimeOffset? PublishedAt, NamedPerson? PublishedBy);

/// <summary>Writes what was learned from an incident: whoever takes part in it. Each section and action is on the log and signals <c>incidents</c>.</summary>
public sealed class ReviewDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    /// <summary>Not found where the incident is.</summary>
    public async Task<Result<ReviewView>> FindAsync(PersonCaller me, string id, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        await using var db = await factory.CreateDbContextAsync(ct);
        if (!Ids.TrySeq(id, "inc", out var seq) || await db.Incidents.AsNoTracking().SingleOrDefaultAsync(i => i.Seq == seq, ct) is not { } incident || incident.Id != id || !await IncidentDesk.SeesAsync(db, me, incident, state, now, ct)) return Fault.NotFound("incident");
        var review = await db.IncidentReviews.AsNoTracking().SingleOrDefaultAsync(r => r.IncidentId == id, ct);
        var texts = review?.Texts ?? IncidentReview.Prefill(incident);
        var actions = await Actions(db, id).AsNoTracking().ToListAsync(ct);
        var today = Today(state.Rollouts[incident.RolloutId].Zone, now);
        return new ReviewView(id, review?.Version ?? 0, review?.DueOn, review is { PublishedAt: null, DueOn: { } due } && due < today,
            [.. IncidentReview.Sections.Select(s => new ReviewSectionView(s.Key, s.Title, s.Help, texts.GetValueOrDefault(s.Key, ""), string.IsNullOrWhiteSpace(texts.GetValueOrDefault(s.Key))))],
            [.. actions.Select(a => new ActionView(a.Id, a.Text, new NamedPerson(a.OwnerId, state.Directory.NameOf(a.OwnerId)), a.DueOn, a.DoneAt is null && a.DueOn < today, a.DoneAt, a.DoneBy is { } by ? new NamedPerson(by, state.Directory.NameOf(by)) : null,
                [.. a.Lessons.Select(l => new LessonView(l.Kind, l.Reference, new NamedPerson(l.By, state.Directory.NameOf(l.By)), l.At))]))],
            review?.PublishedAt, review?.PublishedBy is { } who ? new NamedPerson(who, state.Directory.NameOf(who)) : null);
    }

    /// <summary>Writes one section. Faults: not found, <c>incident.not_yours</c>, <c>field.invalid</c>, <c>review.stale</c> (somebody wrote meanwhile), <c>review.published</c>.</summary>
    /// <param name="version">Of the whole review, as it was looked at; null: not said.</param>
    /// <param name="was">What the section said when the writer began; null: not said.</param>
    public Task<Result<Done>> WriteAsync(PersonCaller me, string id, string section, string text, long? version, string? was = null) => ChangeAsync(me, id, async (scope, incident, ct) =>
    {
        if (IncidentReview.Sections.All(s => s.Key != section)) return Fault.Invalid("field.invalid", $"section must be one of: {string.Join(", ", IncidentReview.Sections.Select(s => s.Key))}.", "section");
        if (TextRules.Wrong("text", text, IncidentReview.LongestSection) is { } wrong) return wrong;
        var review = await scope.Db.IncidentReviews.SingleOrDefaultAsync(r => r.IncidentId == id, ct);
        if (version is { } seen && seen != (review?.Version ?? 0)) return new Fault(FaultKind.Stale, "review.stale", "Somebody wrote this review meanwhile. Look at it again; what you wrote is still in the field.");
        var stands = (review?.Texts ?? IncidentReview.Prefill(incident)).GetValueOrDefault(section, "");
        if (stands == text.Trim()) return Done.Value;
        if (review is { PublishedAt: not null }) return Fault.Conflict("review.published", "This review was agreed on and published, so it stays as it is. Write what has to be said besides as a note on the incident's timeline.");
        if (was is not null && was != stands) return new Fault(FaultKind.Stale, "review.stale", "Somebody wrote this section meanwhile. Look at what it says now; what you wrote is still in the field.");
        review ??= Begin(scope, incident);
        review.Write(section, text.Trim());
        scope.Audit(me.Actor, "incident.review_written", id, new { section }, new { text = text.Trim() }, incident.RolloutId);
        scope.Signal(IncidentDesk.Topic);
        return Done.Value;
    });

    /// <summary>Says that it was read and agreed on. Faults: not found, <c>incident.not_yours</c>, <c>review.open</c> (before it is resolved), <c>review.missing</c>.</summary>
    public Task<Result<Done>> PublishAsync(PersonCaller me, string id) => ChangeAsync(me, id, async (scope, incident, ct) =>
    {
        if (incident.Open) return Fault.Conflict("review.open", "The incident is still under way. Its review is published once all is right again.");
        var review = await scope.Db.IncidentReviews.SingleOrDefaultAsync(r => r.IncidentId == id, ct) ?? Begin(scope, incident);
        if (review.PublishedAt is not null) return Done.Value;
        if (review.Missing.Count > 0) return Fault.Refused("review.missing", $"Not written yet: {string.Join(", ", review.Missing.Select(s => s.Title.ToLowerInvariant()))}.");
        review.Publish(me.Id, scope.Now);
        IncidentDesk.Note(scope, incident, me.Actor, "review", null, "The review is published.");
        return Done.Value;
    });

    /// <summary>Adds an action. Faults: not found, <c>incident.not_yours</c>, <c>field.invalid</c>, <c>person.unknown</c>.</summary>
    public Task<Result<Done>> AddActionAsync(PersonCaller me, string id, string text, string owner, DateOnly dueOn) => ChangeAsync(me, id, async (scope, incident, ct) =>
    {
        if (TextRules.Wrong("text", text, IncidentAction.LongestText, required: true) is { } wrong) return wrong;
        if (scope.State.Directory.Find(owner) is not { Active: true } person) return Fault.Refused("person.unknown", $"Nobody who can sign in is called {VisibleText.Flatten(owner)}.", "owner");
        if (await Actions(scope.Db, id).CountAsync(ct) >= IncidentAction.Most) return Fault.Refused("review.full", $"A review has at most {IncidentAction.Most} actions.");
        var action = new IncidentAction(Secrets.NewId("act"), id, incident.RolloutId, text.Trim(), person.Id, dueOn, me.Id, scope.Now);
        scope.Db.IncidentActions.Add(action);
        IncidentDesk.Note(scope, incident, me.Actor, "action", new { action = action.Id, owner = person.Id, due_on = dueOn.ToString("O", System.Globalization.CultureInfo.InvariantCulture) }, $"Action for {person.Name}, due {dueOn.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)}: {text.Trim()}");
        return Done.Value;
    });

    /// <summary>Ticks an action off, or opens it again; its owner may, too, who need not take part otherwise. Faults: not found.</summary>
    public Task<Result<Done>> TickAsync(PersonCaller me, string id, string actionId, bool done) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (await scope.Db.IncidentActions.SingleOrDefaultAsync(a => a.Id == actionId && a.IncidentId == id, ct) is not { } action) return Fault.NotFound("action of this incident");
        var incident = await scope.Db.Incidents.SingleAsync(i => i.Id == id, ct);
        if (action.OwnerId != me.Id && !IncidentDesk.TakesPart(me, incident, scope.State, scope.Now)) return Fault.NotFound("action of this incident");
        if (done == action.DoneAt is not null) return Done.Value;
        action.Tick(done, me.Id, scope.Now);
        IncidentDesk.Note(scope, incident, me.Actor, "action", new { action = action.Id, done }, $"{(done ? "Done" : "Open again")}: {action.Text}");
        return Done.Value;
    });

    /// <summary>What is asked for of one that is resolved: a review, due by its severity, also where somebody began it before. What was asked for stays so when the severity is lowered.</summary>
    internal static void Ask(ChangeScope scope, Incident incident)
    {
        if (SeveritySpec.Of(incident.Severity).ReviewDays is not { } days || incident.Times.Resolved is not { } resolved) return;
        var due = IncidentReview.Due(Today(scope.State.Rollouts[incident.RolloutId].Zone, resolved), days);
        if (scope.Db.IncidentReviews.SingleOrDefault(r => r.IncidentId == incident.Id) is { } review) review.Schedule(due);
        else Begin(scope, incident, due);
    }

    private static IncidentReview Begin(ChangeScope scope, Incident incident, DateOnly? due = null)
    {
        var review = new IncidentReview(incident.Id, incident.RolloutId, due, IncidentReview.Prefill(incident));
        scope.Db.IncidentReviews.Add(review);
        return review;
    }

    private static IQueryable<IncidentAction> Actions(OpsDbContext db, string id) => db.IncidentActions.Where(a => a.IncidentId == id).OrderBy(a => a.DueOn).ThenBy(a => a.Id);

    private static DateOnly Today(TimeZoneInfo zone, DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);

    private Task<Result<Done>> ChangeAsync(PersonCaller me, string id, Func<ChangeScope, Incident, CancellationToken, Task<Result<Done>>> change) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var found = await IncidentDesk.TakeAsync(scope, me, id, ct);
        return found.Fault is { } hidden ? hidden : await change(scope, found.Value, ct);
    });
}
