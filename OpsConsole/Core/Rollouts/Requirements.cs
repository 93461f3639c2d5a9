using System.Globalization;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Core.Rollouts;

/// <summary>Every single thing that a step or a gate may ask for, found in the evidence. Pure.</summary>
internal static class Requirements
{
    private static readonly IReadOnlyList<RolloutRole> Authors = [RolloutRole.RolloutOwner, RolloutRole.RiskLead];

    public static Requirement Owners(RolloutEvidence e)
    {
        var missing = ConfirmationRules.Owners.Where(r => e.Active(r, false).Count == 0).ToList();
        return new("owners", "Rollout owner, workflow owner and incident owner are named, and active", missing.Count == 0, missing.Count == 0 ? "all three are" : "missing: " + string.Join(", ", missing.Select(Missing)))
        { Place = "#people", Who = [RolloutRole.RolloutOwner], Holds = missing.Count == 0 };

        string Missing(RolloutRole role) => e.Rollout.Members.FirstOrDefault(m => m.Role == role && !m.Deputy).PersonId is { } person ? $"{role.Words()} ({e.Directory.NameOf(person)} cannot sign in)" : role.Words();
    }

    public static Requirement Deputies(RolloutEvidence e)
    {
        var missing = ConfirmationRules.Owners.Where(r => e.Active(r, true).Count == 0).ToList();
        return new("deputies", "Each of the three owners has a deputy", missing.Count == 0, missing.Count == 0 ? "all three do" : "without one: " + string.Join(", ", missing.Select(r => r.Words()))) { Place = "#people", Who = [RolloutRole.RolloutOwner] };
    }

    public static Requirement Named(RolloutEvidence e, string id, string text, RolloutRole role)
    {
        var named = e.Active(role, false);
        return new(id, text, named.Count > 0, named.Count > 0 ? string.Join(", ", named.Select(e.Directory.NameOf)) : "nobody is named") { Place = "#people", Who = [RolloutRole.RolloutOwner], Holds = named.Count > 0 };
    }

    public static Requirement OutOfBounds(RolloutEvidence e)
    {
        var (items, rows) = (FieldSpec.Items(e.Sheet("canvas").Text("out_of_bounds").Replace(',', ' ')).Count, e.Matrix.Boundaries);
        return new("out-of-bounds", "What is out of bounds is written on the canvas, and stands as a boundary in the matrix", items > 0 && rows > 0, $"{Counted.Of(items, "item")} on the canvas, {Counted.Of(rows, "boundary", "boundaries")} in the matrix")
        { Place = items == 0 ? Field("canvas/out_of_bounds") : "matrix", Who = ConfirmationRules.Owners, Holds = rows > 0 };
    }

    /// <summary>Each of the three owners by name.</summary>
    public static Requirement Boundary(RolloutEvidence e)
    {
        var ground = ConfirmationRules.Ground("boundary", e);
        var given = e.Confirmations.Where(c => c.Subject == "boundary" && e.IsActive(c.PersonId)).ToDictionary(c => c.PersonId);
        List<string> open = [], older = [];
        List<RolloutRole> who = [];
        List<IReadOnlyList<string>> by = [];
        var held = true;
        foreach (var role in ConfirmationRules.Owners)
        {
            var holders = e.Active(role, false);
            held &= holders.Any(h => given.TryGetValue(h, out var c) && ConfirmationRules.Covers("boundary", c.Ground, e));
            by.Add([.. holders.Where(h => given.TryGetValue(h, out var c) && c.Ground == ground)]);
            if (by[^1].Count > 0) continue;
            who.Add(role);
            var names = holders.Count == 0 ? role.Words() : $"{role.Words()} ({string.Join(", ", holders.Select(e.Directory.NameOf))})";
            (holders.Any(given.ContainsKey) ? older : open).Add(names);
        }
        string[] parts = [.. open.Count > 0 ? ["not yet: " + string.Join(", ", open)] : Array.Empty<string>(), .. older.Count > 0 ? ["confirmed an older text: " + string.Join(", ", older)] : Array.Empty<string>()];
        var alone = who.Count == 0 && e.Rollout.SeparationOfDuties && !EachByAnother(by, []);
        return new("boundary", "Each of the three owners confirms by name that they can explain the boundary", who.Count == 0 && !alone,
            alone ? "one person confirmed for two owners; while duties are separated, each is somebody else" : who.Count == 0 ? "all three did" : string.Join("; ", parts))
        { Place = "steps#boundary", Who = who.Count == 0 ? ConfirmationRules.Owners : who, Confirm = "boundary", Holds = held };
    }

    /// <summary>Whether every one of them can be given to a person of its own.</summary>
    private static bool EachByAnother(IReadOnlyList<IReadOnlyList<string>> by, IReadOnlyList<string> taken)
        => taken.Count == by.Count || by[taken.Count].Any(p => !taken.Contains(p) && EachByAnother(by, [.. taken, p]));

    public static Requirement Listed(RolloutEvidence e)
    {
        var m = e.Matrix;
        return new("actions", "Everything that agents may ask for is listed, and the matrix speaks about each of it", m.Listed > 0 && m.Unspoken.Count == 0,
            m.Listed == 0 ? "the register of actions is empty" : m.Unspoken.Count == 0 ? $"{Counted.Of(m.Listed, "action")}, all of them answered" : $"no row and no boundary says anything about {Few(m.Unspoken)}")
        { Place = m.Listed == 0 ? "actions" : "matrix", Who = Authors };
    }

    /// <summary>The analysis of what is published, or of the draft while nothing is.</summary>
    public static Requirement Analysis(RolloutEvidence e, bool published)
    {
        var m = e.Matrix;
        var (errors, which) = (m.Errors.Count + m.Strangers.Count, m.Key.Version > 0 ? $"version {m.Key.Version}" : "the draft");
        var evidence = m.Rules == 0 ? "there is no rule yet" : errors > 0 ? $"{which}: {Counted.Of(errors, "error")}, the first: {m.Errors.Concat(m.Strangers).First()}"
            : published && m.Key.Version == 0 ? "nothing is published; the draft has no errors" : $"{which}, {Counted.Of(m.Rules, "rule")}, no errors";
        return new("matrix", published ? "A matrix is published, and the analysis finds no errors in it" : "The analysis finds no errors in the matrix", m.Rules > 0 && errors == 0 && (!published || m.Key.Version > 0), evidence)
        { Place = "matrix", Who = Authors, Holds = m.Errors.Count == 0 };
    }

    public static Requirement Approvers(RolloutEvidence e)
    {
        var m = e.Matrix;
        var orphaned = e.Document.Rules.Where(r => r is { Outcome: not RuleOutcome.Deny, Approvers.Count: > 0 } && !r.Approvers.SelectMany(e.Directory.Resolve).Any(p => p.Active)).Select(r => r.Id).ToList();
        var wrong = m.Alone.Count > 0 ? $"{Few(m.Alone)}: of high consequence, but a row lets it run alone" : m.Unnamed.Count > 0 ? $"{Few(m.Unnamed)}: no row names who approves" : orphaned.Count > 0 ? $"{Few(orphaned)}: nobody whom the row names is here and can sign in" : m.Strangers.Count > 0 ? m.Strangers[0] : null;
        var met = wrong is null && m.Rules > 0 && m.Listed > 0;
        return new("approvers", "Every action of high consequence has a named person who approves it", met, wrong ?? (m.Rules == 0 ? "there is no rule yet" : m.Listed == 0 ? "the register of actions is empty" : "each has one, or is never allowed")) { Place = "matrix", Who = Authors, Holds = m.Alone.Count == 0 && m.Unnamed.Count == 0 && orphaned.Count == 0 };
    }

    /// <summary>Every row leads to somebody who can answer.</summary>
    public static Requirement Reachable(RolloutEvidence e)
    {
        var rows = e.Sheet("escalation").Rows;
        var lost = rows.FirstOrDefault(r => e.Meant(r.Text("owner")).Count == 0 || e.Meant(r.Text("deputy")).Count == 0);
        return new("reachable", "Every owner and deputy of a scenario is somebody who is here", rows.Count > 0 && lost is null, rows.Count == 0 ? "there is no row" : lost is null ? "each leads to a person" : $"“{lost.Text("scenario")}” leads to nobody")
        { Place = lost is null ? Sheet("escalation") : Field($"escalation/{lost.Id}/{(e.Meant(lost.Text("owner")).Count == 0 ? "owner" : "deputy")}"), Who = [RolloutRole.IncidentOwner], Holds = !rows.Any(r => Gone(r.Text("owner")) || Gone(r.Text("deputy"))) };

        bool Gone(string named) => named.Length > 0 && e.Meant(named).Count == 0;   // an empty field is being written
    }

    public static Requirement Drill(RolloutEvidence e)
    {
        var rows = e.Sheet("escalation").Rows.ToDictionary(r => r.Id, StringComparer.Ordinal);
        var passed = e.Drills.FirstOrDefault(d => d.Passed && rows.TryGetValue(d.Row, out var row) && EscalationPeople.Takers(row, e.Rollout, e.Directory).Contains(d.AcknowledgedBy!));
        var last = e.Drills.FirstOrDefault(d => !d.Running);
        var evidence = passed is not null ? $"{e.Directory.NameOf(passed.AcknowledgedBy!)} had it after {DurationWords.Of(passed.Took!.Value)}, {Day(passed.StartedAt)}"
            : last is null ? "no drill yet" : last.Passed ? rows.ContainsKey(last.Row) ? $"{e.Directory.NameOf(last.AcknowledgedBy!)}, who had it in the last one, takes “{last.Scenario}” no more" : $"“{last.Scenario}”, with which it was passed, is no scenario any more" : last.Took is { } took ? $"the last one took {DurationWords.Of(took)}" : "in the last one nobody was reached";
        return new("drill", "A failure reached the right owner in under 5 minutes, in a drill", passed is not null, evidence) { Place = "drill", Who = [RolloutRole.IncidentOwner] };
    }

    public static Requirement Caps(RolloutEvidence e)
    {
        var without = e.Agents.Where(a => !a.HasCaps).Select(a => a.Name).ToList();
        return new("caps", "Every agent has caps", e.Agents.Count > 0 && without.Count == 0, e.Agents.Count == 0 ? "the rollout has no agent" : without.Count == 0 ? Counted.Of(e.Agents.Count, "agent has", "agents have") + " caps" : "without caps: " + string.Join(", ", without))
        { Place = "#agents", Who = [RolloutRole.EngineeringOwner], Holds = e.Agents.All(a => a.HasCaps || !a.MayAct) };
    }

    /// <summary>Whom version 1 meets, as conditions on the call: without them everybody.</summary>
    public static Requirement Audience(RolloutEvidence e) => new("audience", "The controlled audience is set as conditions", e.Rollout.Audience is not null, e.Rollout.Audience is null ? "none is set: gate C would open everything to everybody" : "it is")
    { Place = "#settings", Who = [RolloutRole.RolloutOwner], Holds = e.Rollout.Audience is not null };

    /// <summary>What people confirm by name, with a link to the evidence.</summary>
    public static Requirement Confirmed(RolloutEvidence e, ConfirmationRule rule)
    {
        var ground = ConfirmationRules.Ground(rule.Subject, e);
        var given = e.Confirmations.Where(c => c.Subject == rule.Subject && e.MayConfirm(c.PersonId, rule)).OrderByDescending(c => c.At).ToList();
        var stands = given.FirstOrDefault(c => c.Ground == ground);
        return new(rule.Subject, rule.Says, stands is not null, stands is not null ? $"confirmed by {e.Directory.NameOf(stands.PersonId)}, {Day(stands.At)}" : given.Count > 0 ? $"{e.Directory.NameOf(given[0].PersonId)} confirmed it for {(given[0].Ground == ConfirmationRules.Outdated ? "the gate before it was revoked" : "an earlier version")}" : "no evidence yet")
        { Place = (rule.InSteps ? "steps#" : "#c-") + rule.Subject, Who = rule.Who, Confirm = rule.Subject, Holds = given.Any(c => ConfirmationRules.Covers(rule.Subject, c.Ground, e)) };
    }

    /// <summary>Whoever confirms that the way back was rehearsed has the last rehearsal before their eyes that went all the way.</summary>
    public static Requirement Rehearsed(RolloutEvidence e)
    {
        var confirmed = Confirmed(e, ConfirmationRules.Rollback);
        return e.Rehearsal is not { } r ? confirmed : confirmed with { Evidence = $"{confirmed.Evidence}; {Counted.Of(r.Undone, "write")} undone in a rehearsal, {Day(r.At)}", Record = "/undo/" + r.PlanId };
    }

    /// <summary>
    /// Shadow agreement. Where people recorded samples in the console, these decide, for each agent that may act (or, while none may, for each that has samples), whatever was confirmed; where nobody recorded any, a
    /// shadow run elsewhere is confirmed by name. A gate stays passed as long as every agent that may act has samples of its present version, or was confirmed in it.
    /// </summary>
    public static Requirement Shadowed(RolloutEvidence e)
    {
        var confirmed = Confirmed(e, ConfirmationRules.Shadow);
        var record = $"/rollouts/{e.Rollout.Id}/shadow";
        if (e.Shadows.All(s => s.Figures.Agreement.N == 0)) return confirmed with { Evidence = confirmed.Met ? $"{confirmed.Evidence}; no sample of the present version was recorded by people in the console" : confirmed.Evidence, Record = record };
        var about = e.Shadows.Any(s => s.Agent.MayAct) ? e.Shadows.Where(s => s.Agent.MayAct).ToList() : e.Shadows.Where(s => s.Figures.Agreement.N > 0).ToList();
        var lacking = about.Select(s => (s.Agent.Name, Words: e.ShadowNeeds.Lacking(s.Figures))).Where(l => l.Words is not null).Select(l => $"{l.Name}: {l.Words}").ToList();
        return confirmed with
        {
            Met = lacking.Count == 0, Confirm = null, Place = "shadow", Record = record, Holds = confirmed.Holds || about.TrueForAll(s => s.Figures.Agreement.N > 0),
            Evidence = lacking.Count > 0 ? string.Join("; ", lacking.Take(3)) + (lacking.Count > 3 ? $" and {lacking.Count - 3} more" : "")
                : string.Join("; ", about.Take(3).Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Agent.Name}: kappa {s.Figures.Agreement.Kappa:0.00}{(s.Figures.Agreement.Interval is { } i ? string.Create(CultureInfo.InvariantCulture, $" ({i.Low:0.00} to {i.High:0.00})") : "")} over {s.Figures.Agreement.N} samples of {s.Figures.Actions} actions"))),
        };
    }

    /// <summary>No incident holds scaling, and the risk lead says so. A hold keeps the gate from being passed; one that was passed does not fall by it.</summary>
    public static Requirement Unheld(RolloutEvidence e)
    {
        var confirmed = Confirmed(e, ConfirmationRules.Holds);
        if (e.ScalingHeldBy.Count == 0) return confirmed;
        return confirmed with { Met = false, Evidence = $"held by {Few([.. e.ScalingHeldBy.Select(t => $"“{VisibleText.Flatten(t)}”")])}, until somebody verifies by name that it is remedied" };
    }

    /// <summary>A weekly review was signed. Where none was ever opened, somebody may say by name that one was held elsewhere.</summary>
    public static Requirement Verdict(RolloutEvidence e)
    {
        if (e.Reviews is null) return Confirmed(e, ConfirmationRules.Verdict);
        var rule = ConfirmationRules.Verdict;
        return e.Reviews.LastSigned is { } last
            ? new(rule.Subject, rule.Says, true, $"week {ReviewSchedule.Name(last.Week)}: {last.Verdict!.Value.ToString().ToLowerInvariant()}, signed by {e.Directory.NameOf(last.SignedBy!)}") { Place = "reviews/" + ReviewSchedule.Name(last.Week), Who = rule.Who }
            : new(rule.Subject, rule.Says, false, "a review is open, none is signed yet") { Place = "reviews", Who = rule.Who };
    }

    /// <summary>One full cycle of weekly reviews, each signed and inside the thresholds of its time. Where none was ever opened, somebody may stand for it by name.</summary>
    public static Requirement Cycle(RolloutEvidence e)
    {
        if (e.Reviews is not { } cycle) return Confirmed(e, ConfirmationRules.Reviews);
        var rule = ConfirmationRules.Reviews;
        return new(rule.Subject, rule.Says, cycle.Lacks is null, cycle.Lacks ?? $"{Counted.Of(cycle.Weeks, "week")} up to {ReviewSchedule.Name(cycle.LastSigned!.Week)} are signed and inside") { Place = "reviews", Who = rule.Who };
    }

    /// <summary>
    /// The sponsor approved a scale memo about the present cycle. A gate that was passed stays as time goes on; it falls when the approval is taken back. Where no weekly review was ever opened no memo can be approved here, so somebody may
    /// say by name that one was signed elsewhere; what was passed on such words stays passed.
    /// </summary>
    public static Requirement Memo(RolloutEvidence e)
    {
        var (rule, confirmed) = (ConfirmationRules.Memo, Confirmed(e, ConfirmationRules.Memo));
        if (e.Reviews is null) return confirmed;
        var approved = e.Memos?.Approved;
        var covers = approved is not null && e.Reviews.Covers(approved.Week);
        var evidence = approved is null ? Unapproved(e.Memos?.Last)
            : covers ? $"approved by {e.Directory.NameOf(approved.By)}, {Day(approved.At)}, on the weeks up to {ReviewSchedule.Name(approved.Week)}"
            : $"the one that was approved ends with {ReviewSchedule.Name(approved.Week)}, before the present cycle";
        return new(rule.Subject, rule.Says, covers, evidence)
        {
            Place = approved is null && e.Memos is { } last ? "memos/" + last.LastId : "memos", Who = rule.Who, Record = approved is null ? null : $"/rollouts/{e.Rollout.Id}/memos/{approved.Id}",
            Holds = approved is not null || (e.Memos is not { Ever: true } && confirmed.Holds),
        };
    }

    private static string Unapproved(MemoState? last) => last switch
    {
        null => "no scale memo is written yet",
        MemoState.Draft => "a memo is being written",
        MemoState.Submitted => "a memo waits for the sponsor",
        MemoState.Held => "the sponsor holds the last memo",
        MemoState.Declined => "the sponsor declined the last memo",
        MemoState.Withdrawn => "the last memo was withdrawn",
        _ => "the approval of the last memo was taken back",
    };

    /// <summary>Lines of a worksheet as they stand, each on its own.</summary>
    public static IEnumerable<Requirement> Of(string sheet, IEnumerable<CheckLine> lines, params RolloutRole[] who)
        => lines.Select(l => new Requirement(l.Id, l.Text, l.Met, l.Evidence) { Place = l.Field is { } field ? Field(field) : Sheet(sheet), Who = who });

    /// <summary>Several as one: met when all are; what is shown is the first that is not.</summary>
    public static Requirement All(string id, string text, string met, IEnumerable<Requirement> lines)
    {
        var all = lines.ToList();
        var first = all.Find(l => !l.Met);
        return new(id, text, first is null, first is null ? met : first.Evidence) { Place = (first ?? all[0]).Place, Who = (first ?? all[0]).Who, Holds = all.TrueForAll(l => l.Holds) };
    }

    public static string Sheet(string id) => "worksheets/" + id;
    private static string Field(string field) => $"worksheets/{field[..field.IndexOf('/')]}#f-{field.Replace('/', '-')}";
    private static string Few(IReadOnlyList<string> names) => string.Join(", ", names.Take(3)) + (names.Count > 3 ? $" and {names.Count - 3} more" : "");
    private static string Day(DateTimeOffset at) => at.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture);
}
