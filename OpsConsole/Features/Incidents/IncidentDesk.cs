using System.Globalization;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Incidents;

/// <summary>
/// Incidents from the first hand on them to their end. Members of the rollout take part; whoever is told about one may take it, also without seeing the rollout. Every change is on the log and on the timeline.
/// Signals <c>incidents</c>.
/// </summary>
public sealed class IncidentDesk(DurableWriter writer)
{
    public const string Topic = "incidents";
    private const string Verifiers = "That it is remedied is verified by the risk lead, a rollout owner or an admin, and not by whoever has or had the incident. Ask one of them who did not.";

    /// <summary>Carries out a response by a click, again too. Faults: not found, <c>incident.over</c>, <c>incident.not_yours</c>.</summary>
    public Task<Result<IncidentView>> RespondAsync(PersonCaller me, string id, ResponseKind kind) => writer.ChangeAsync<IncidentView>(async (scope, ct) =>
    {
        var found = await TakeAsync(scope, me, id, ct);
        if (found.Fault is { } hidden) return hidden;
        if (!found.Value.Open) return IncidentRules.Over(found.Value);
        // These two change more than they stop, so being told is not enough.
        var rollout = scope.State.Rollouts[found.Value.RolloutId];
        if (kind == ResponseKind.TriggerRollback && !Permissions.MayWrite(me.Person, rollout)) return Fault.Forbidden("What an agent wrote is undone by the members of the rollout, a facilitator or an admin.", "response.not_yours");
        if (kind == ResponseKind.Quarantine && !Permissions.MayPause(me.Person, rollout)) return Fault.Forbidden("An agent is quarantined by the rollout's owners, its incident owner, its engineering owner, its risk lead, or an admin. Pause it meanwhile.", "response.not_yours");
        await IncidentResponses.FireAsync(scope, found.Value, kind, me.Actor, ct);
        return View(scope, found.Value);
    });

    /// <summary>Puts back what a response changed. Faults: not found, <c>response.taken_back</c>, <c>response.not_yours</c>, <c>incident.not_yours</c>.</summary>
    public Task<Result<IncidentView>> TakeBackAsync(PersonCaller me, string id, long response) => writer.ChangeAsync<IncidentView>(async (scope, ct) =>
    {
        var found = await TakeAsync(scope, me, id, ct);
        if (found.Fault is { } hidden) return hidden;
        if (await scope.Db.IncidentResponses.SingleOrDefaultAsync(r => r.Seq == response && r.IncidentId == id, ct) is not { } fired) return Fault.NotFound("response of this incident");
        var done = await IncidentResponses.TakeBackAsync(scope, found.Value, fired, me, ct);
        return done.Fault is { } refused ? refused : View(scope, found.Value);
    });

    /// <summary>'I have it.' Faults: not found, <c>incident.over</c>, <c>incident.not_yours</c>.</summary>
    public Task<Result<IncidentView>> AcknowledgeAsync(PersonCaller me, string id) => ChangeAsync(me, id, null, (scope, incident) =>
    {
        var done = IncidentRules.Acknowledge(incident, me.Id, scope.Now);
        if (done.Ok) Note(scope, incident, me.Actor, "acknowledged", new { level = incident.Level }, $"{scope.State.Directory.NameOf(me.Id)} has it.");
        return done;
    });

    /// <summary>'I do not have it any more': it escalates again. Faults: not found, <c>incident.over</c>, <c>incident.nobodys</c>, <c>incident.not_yours</c> (somebody else has it, who was not told).</summary>
    public Task<Result<IncidentView>> LetGoAsync(PersonCaller me, string id, string? why) => ChangeAsync(me, id, null, (scope, incident) =>
    {
        if (TextRules.Wrong("reason", why, Incident.LongestText) is { } wrong) return wrong;
        var done = IncidentRules.LetGo(incident);
        if (!done.Ok) return done;
        Note(scope, incident, me.Actor, "let_go", null, string.IsNullOrWhiteSpace(why) ? "Let go; it escalates." : why.Trim());
        Advance(scope, incident, writer.Now);
        return done;
    });

    /// <summary>Moves it on. Faults: not found, <c>incident.over</c>, <c>incident.state</c>, <c>incident.holds</c>, <c>incident.review</c>.</summary>
    public Task<Result<IncidentView>> MoveAsync(PersonCaller me, string id, IncidentStatus to, string? words, long? version = null) => ChangeAsync(me, id, version, (scope, incident) =>
    {
        if (TextRules.Wrong("words", words, Incident.LongestText) is { } wrong) return wrong;
        if (incident.Status == to) return Done.Value;
        var from = incident.Status;
        var done = IncidentRules.Move(incident, to, scope.Now);
        if (!done.Ok) return done;
        if (to == IncidentStatus.Resolved) ReviewDesk.Ask(scope, incident);
        if (to == IncidentStatus.Closed && scope.Db.IncidentReviews.Any(r => r.IncidentId == id && r.PublishedAt == null && r.DueOn != null)) return Fault.Refused("incident.review", "Its review is not published yet. What was learned is written down before it is closed.");
        Note(scope, incident, me.Actor, "state", new { from = IncidentView.Word(from), to = IncidentView.Word(to) }, $"From {IncidentView.Word(from)} to {IncidentView.Word(to)}{(string.IsNullOrWhiteSpace(words) ? "." : ": " + words.Trim())}");
        Advance(scope, incident, writer.Now);
        return done;
    });

    /// <summary>Says something: for those who follow it (an update, which begins the next round of the rhythm), or for the record. Faults: not found, <c>field.invalid</c>.</summary>
    public Task<Result<IncidentView>> SayAsync(PersonCaller me, string id, string text, bool update) => ChangeAsync(me, id, null, (scope, incident) =>
    {
        if (TextRules.Wrong("text", text, Incident.LongestText, required: true) is { } wrong) return wrong;
        if (update) incident.Updated(scope.Now);
        Note(scope, incident, me.Actor, update ? "update" : "note", null, text.Trim());
        return Done.Value;
    });

    /// <summary>Corrects what is said of it. Faults: not found, <c>incident.stale</c>, <c>incident.over</c>, <c>field.invalid</c>, <c>incident.times</c>, <c>person.unknown</c>.</summary>
    public Task<Result<IncidentView>> CorrectAsync(PersonCaller me, string id, ChangeIncidentRequest change, long? version) => ChangeAsync(me, id, version, (scope, incident) =>
    {
        if ((TextRules.Wrong("title", change.Title, Incident.LongestTitle) ?? TextRules.Wrong("text", change.Text, Incident.LongestText)) is { } wrong) return wrong;
        if (IncidentRules.From(incident.Status).Count == 0) return IncidentRules.Over(incident);
        if (change.Affected is { Count: > Incident.MostAffected }) return Fault.Invalid("field.invalid", $"At most {Incident.MostAffected} affected records and customers.", "affected");
        var times = incident.Times;
        foreach (var (name, at) in change.Times)
        {
            var set = times.With(name, at, scope.Now);
            if (set.Fault is { } contradiction) return contradiction;
            times = set.Value;
        }
        foreach (var (role, email) in change.Roles)
        {
            var person = email.Length == 0 ? null : scope.State.Directory.Find(email);
            if (email.Length > 0 && person is not { Active: true }) return Fault.Refused("person.unknown", $"Nobody who can sign in is called {VisibleText.Flatten(email)}.", "roles");
            if (incident.Roles.GetValueOrDefault(role) == person?.Id) continue;
            incident.Give(role, person?.Id);
            Note(scope, incident, me.Actor, "role", new { role = role.ToString().ToLowerInvariant(), person = person?.Id }, person is null ? $"Nobody is {role.ToString().ToLowerInvariant()} any more." : $"{person.Name} is {role.ToString().ToLowerInvariant()}.");
        }
        if (change.Title is { Length: > 0 } title && title.Trim() != incident.Title || change.Text is not null && change.Text != incident.Text)
        {
            incident.Describe(change.Title is { Length: > 0 } ? change.Title.Trim() : incident.Title, change.Text ?? incident.Text);
            Note(scope, incident, me.Actor, "note", null, $"Described as “{VisibleText.Flatten(incident.Title)}”.");
        }
        if (change.Severity is { } severity && severity != incident.Severity)
        {
            var from = incident.Severity;
            incident.Grade(severity, scope.Now);
            Note(scope, incident, me.Actor, "severity", new { from = SeveritySpec.Of(from).Wire, to = SeveritySpec.Of(severity).Wire }, $"From {SeveritySpec.Of(from).Title} to {SeveritySpec.Of(severity).Title}.");
        }
        foreach (var (was, now) in incident.Times.All.Zip(times.All).Where(t => t.First.At != t.Second.At).ToList())
            Note(scope, incident, me.Actor, "times", new { name = now.Name, from = was.At, to = now.At }, now.At is { } at ? $"‘{now.Name}’ is {Exact(at)} UTC{(was.At is { } old ? $" (was {Exact(old)})" : "")}." : $"‘{now.Name}’ has not happened.");
        if (IncidentRules.SetTimes(incident, times).Fault is { } contradicted) return contradicted;
        if (incident.Status == IncidentStatus.Resolved) ReviewDesk.Ask(scope, incident);   // a worse severity asks for one, and another day moves it
        if (change.Affected is { } affected && !affected.SequenceEqual(incident.Affected))
        {
            incident.Touches(affected);
            Note(scope, incident, me.Actor, "affected", new { count = affected.Count }, $"{Counted.Of(affected.Count, "record or customer", "records and customers")} affected.");
        }
        return Done.Value;
    });

    /// <summary>Ends it in another one. Faults: not found, <c>incident.over</c>, <c>incident.merge</c>.</summary>
    public Task<Result<IncidentView>> MergeAsync(PersonCaller me, string id, string into) => writer.ChangeAsync<IncidentView>(async (scope, ct) =>
    {
        if (await TakeAsync(scope, me, id, ct) is not { Ok: true, Value: var incident }) return Fault.NotFound("incident");
        if (await TakeAsync(scope, me, into, ct) is not { Ok: true, Value: var other }) return Fault.NotFound("incident");
        var was = other.Severity;
        var done = IncidentRules.Merge(incident, other, scope.Now);
        if (done.Fault is { } refused) return refused;
        foreach (var link in await scope.Db.IncidentLinks.AsNoTracking().Where(l => l.IncidentId == id).ToListAsync(ct)) await IncidentIntake.LinkAsync(scope, other, link.Kind, link.Reference, ct);
        if (other.HoldsScaling) scope.Signal("gates");
        Note(scope, incident, me.Actor, "merged", new { into = other.Id }, $"Merged into “{VisibleText.Flatten(other.Title)}”.");
        Note(scope, other, me.Actor, "merged", new { from = incident.Id }, $"Took in “{VisibleText.Flatten(incident.Title)}”{(other.Severity == was ? "" : $", and is {SeveritySpec.Of(other.Severity).Title} from here on")}.");
        return View(scope, incident);
    });

    /// <summary>Scaling waits for it, or does not any more because somebody verified by name that it is remedied. Faults: not found, forbidden, <c>incident.not_held</c>.</summary>
    public Task<Result<IncidentView>> VerifyAsync(PersonCaller me, string id, string words) => writer.ChangeAsync<IncidentView>(async (scope, ct) =>
    {
        var found = await TakeAsync(scope, me, id, ct);
        if (found.Fault is { } hidden) return hidden;
        var incident = found.Value;
        if (TextRules.Wrong("words", words, Incident.LongestText, required: true) is { } wrong) return wrong;
        if (!incident.HoldsScaling) return Fault.Conflict("incident.not_held", "Scaling does not wait for this incident.");
        if (!scope.State.Directory.People.TryGetValue(me.Id, out var person) || !Permissions.MayPublish(person, scope.State.Rollouts[incident.RolloutId]) || incident.OwnerId == me.Id || await HadAsync(scope, incident, me, ct)) return Fault.Forbidden(Verifiers);
        incident.Verify(me.Id, scope.Now);
        Note(scope, incident, me.Actor, "hold", new { verified = true }, $"{person.Name} verified that it is remedied: {words.Trim()}");
        scope.Signal("gates");
        return View(scope, incident);
    });

    // Whoever ever took it, or one that ended in it.
    private static async Task<bool> HadAsync(ChangeScope scope, Incident incident, PersonCaller me, CancellationToken ct)
    {
        List<string> all = [incident.Id];
        for (var i = 0; i < all.Count; i++)
        {
            var of = all[i];
            all.AddRange(await scope.Db.Incidents.AsNoTracking().Where(o => o.RolloutId == incident.RolloutId && o.MergedInto == of).Select(o => o.Id).ToListAsync(ct));
        }
        var by = "person:" + me.Id;
        return await scope.Db.IncidentEntries.AsNoTracking().AnyAsync(e => all.Contains(e.IncidentId) && e.Kind == "acknowledged" && e.By == by, ct);
    }

    /// <summary>Tells the next people where that is due, and lets go what nobody was heard of. For the clock.</summary>
    internal Task<Result<Done>> AdvanceAsync(long seq) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (await scope.Db.Incidents.SingleOrDefaultAsync(i => i.Seq == seq, ct) is not { Open: true } incident) return Done.Value;
        if (IncidentRules.PutBack(incident, writer.Now)) incident.Updated(writer.Now);
        if (IncidentRules.Silent(incident, writer.Now))
        {
            var owner = scope.State.Directory.NameOf(incident.OwnerId!);
            IncidentRules.LetGo(incident);
            incident.Updated(writer.Now);   // the rhythm begins anew for whoever takes it
            Note(scope, incident, Actor.System, "let_go", null, $"Nothing was heard of {owner} for twice the time between updates; it escalates.");
        }
        Advance(scope, incident, writer.Now);
        return Done.Value;
    });

    /// <summary>When the clock has to look at an open incident next; null: no time of its own.</summary>
    internal static DateTimeOffset? DueAt(Incident i) => i.Escalates ? i.NextAt ?? i.OpenedAt : i.UpdateDueAt is { } update && SeveritySpec.Of(i.Severity).UpdateEvery is { } every ? update + every : null;

    // By the clock on the wall: the log's stands still while that one is put back, and nobody waits for it.
    internal static void Advance(ChangeScope scope, Incident incident, DateTimeOffset now)
    {
        if (!scope.State.Rollouts.TryGetValue(incident.RolloutId, out var rollout) || IncidentRules.Due(incident, rollout, scope.State.Directory, now) is not { } step) return;
        IncidentRules.Tell(incident, step, now);
        var names = step.People.Count == 0 ? "nobody who can sign in" : string.Join(", ", step.People.Select(scope.State.Directory.NameOf));
        Note(scope, incident, Actor.System, "told", new { level = step.Level, people = step.People, again = step.Again }, $"{(step.Again ? "Told again" : step.Level == 0 ? "Told" : "Escalated to")}: {names}.");
    }

    private Task<Result<IncidentView>> ChangeAsync(PersonCaller me, string id, long? version, Func<ChangeScope, Incident, Result<Done>> change) => writer.ChangeAsync<IncidentView>(async (scope, ct) =>
    {
        var found = await TakeAsync(scope, me, id, ct);
        if (found.Fault is { } hidden) return hidden;
        var incident = found.Value;
        if (version is { } seen && seen != incident.Version) return new Fault(FaultKind.Stale, "incident.stale", "Somebody changed this incident meanwhile. Look at it again.");
        var done = change(scope, incident);
        return done.Fault is { } refused ? refused : View(scope, incident);
    });

    /// <summary>Links a decision or a run that turns out to belong to it, or takes the link away. Faults: not found, <c>incident.not_yours</c>, <c>field.invalid</c>, <c>decision.unknown</c>, <c>run.unknown</c>.</summary>
    public Task<Result<IncidentView>> LinkAsync(PersonCaller me, string id, string kind, string reference, bool linked = true) => writer.ChangeAsync<IncidentView>(async (scope, ct) =>
    {
        var found = await TakeAsync(scope, me, id, ct);
        if (found.Fault is { } hidden) return hidden;
        var incident = found.Value;
        if (kind is not ("decision" or "run")) return Fault.Invalid("field.invalid", "kind must be decision or run.", "kind");
        var known = await scope.Db.IncidentLinks.FindAsync([id, kind, reference], ct);
        if (linked == known is not null) return View(scope, incident);
        if (known is not null) scope.Db.IncidentLinks.Remove(known);
        else
        {
            var here = scope.Db.Decisions.AsNoTracking().Where(d => d.RolloutId == incident.RolloutId);
            if (kind == "decision" ? !Ids.TrySeq(reference, "dec", out var seq) || !await here.AnyAsync(d => d.Seq == seq && d.Id == reference, ct) : !await here.AnyAsync(d => d.RunId == reference, ct))
                return Fault.Refused(kind + ".unknown", $"There is no {kind} {VisibleText.Flatten(reference)} in this rollout.", "id");
            await IncidentIntake.LinkAsync(scope, incident, kind, reference, ct);
        }
        Note(scope, incident, me.Actor, "linked", new { kind, reference, linked }, $"{(linked ? "Linked" : "No longer linked")}: {kind} {reference}");
        return View(scope, incident);
    });

    internal static async Task<Result<Incident>> TakeAsync(ChangeScope scope, PersonCaller me, string id, CancellationToken ct)
    {
        if (!Ids.TrySeq(id, "inc", out var seq) || await scope.Db.Incidents.SingleOrDefaultAsync(i => i.Seq == seq, ct) is not { } incident || incident.Id != id || !Sees(me, incident, scope.State, scope.Now)) return Fault.NotFound("incident");
        return TakesPart(me, incident, scope.State, scope.Now) ? incident : NotYours();
    }

    internal static Fault NotYours() => Fault.Forbidden("The members of the rollout and whoever was told about it, has it or has a role in it take part in an incident. Ask one of them to give you a role.", "incident.not_yours");

    internal static bool TakesPart(PersonCaller me, Incident incident, ConsoleState state, DateTimeOffset now)
        => Sight.Me(state, me) is { Ok: true, Value: var person } && (Permissions.MayWrite(person, state.Rollouts[incident.RolloutId]) || IncidentRules.IsNamed(incident, me.Id, state.Rollouts[incident.RolloutId], state.Directory, now));

    internal static bool Sees(PersonCaller me, Incident incident, ConsoleState state, DateTimeOffset now) => Sight.Me(state, me) is { Ok: true, Value: var person } && Sees(person, incident, state, now);

    /// <summary>Whoever sees the rollout, takes part or hears of it.</summary>
    internal static bool Sees(PersonEntry person, Incident incident, ConsoleState state, DateTimeOffset now)
        => person.Active && state.Rollouts.TryGetValue(incident.RolloutId, out var rollout) && (Permissions.MaySee(person, rollout, state.Directory) || incident.AlsoTold.Contains(person.Id) || IncidentRules.IsNamed(incident, person.Id, rollout, state.Directory, now));

    /// <summary>Whether the person may look at it: they see it, or something of its review is theirs to do.</summary>
    internal static async Task<bool> SeesAsync(OpsDbContext db, PersonCaller me, Incident incident, ConsoleState state, DateTimeOffset now, CancellationToken ct)
        => Sees(me, incident, state, now) || (Sight.Me(state, me).Ok && state.Rollouts.ContainsKey(incident.RolloutId) && await db.IncidentActions.AsNoTracking().AnyAsync(a => a.IncidentId == incident.Id && a.OwnerId == me.Id, ct));

    /// <summary>A line of the timeline and its entry in the log.</summary>
    internal static long Note(ChangeScope scope, Incident incident, Actor by, string kind, object? details, string text)
    {
        var seq = scope.Audit(by, "incident." + kind, incident.Id, details, new { text }, incident.RolloutId);
        scope.Db.IncidentEntries.Add(new IncidentEntry(seq, incident.Id, kind, scope.Now, $"{by.Type}:{by.Id}", text));
        scope.Signal(Topic);
        return seq;
    }

    private static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    internal static IncidentView View(ChangeScope scope, Incident incident) => IncidentView.Of(incident, scope.State, scope.Now);
}
