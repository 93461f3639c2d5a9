using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Features.Decisions;

/// <summary>Puts the entries of one decision into words, in the order of the log.</summary>
internal sealed class StorySteps(DecisionRecord d, ApprovalRequest? approval, ConsoleState state, Dictionary<long, string> payloads)
{
    private readonly List<StoryStep> _steps = [];
    private bool _ended;   // the window was
    private bool _written;   // a report named a write
    private int _yes;   // to the proposal as it stands

    public IReadOnlyList<StoryStep> All => _steps;

    public void Add(AuditEntry entry)
    {
        var by = Who(entry.Actor);
        var payload = payloads.GetValueOrDefault(entry.Seq);
        var body = DecisionStory.Parse(payload);
        switch (entry.Event)
        {
            case "decision.asked":
                var outcome = Word(entry, "outcome");
                Step("asked", $"{by} asked", "", d.OnBehalfOf is null ? $"{d.Action}{Resource()}" : $"{d.Action}{Resource()}, on behalf of {d.OnBehalfOf}", entry, AskReader.Member(body, "reasoning"), "Why, in the agent's words", payload);
                Step("decided", outcome switch { "allow" => "Allowed by the rules", "pending" => "Waits for a person", "deny" => "Denied by the rules", _ => $"Recorded as a {outcome}" }, Tone(outcome), Decided(), entry);
                if (approval is not null) Step("requested", $"{(approval.Terms.Approvers.Count == 0 ? "The rollout's owners were asked" : "People were asked")}", "waits", Asked(), entry);
                break;
            case "approval.voted":
                var verdict = Word(entry, "verdict");
                if (verdict != "reject" && Flag(entry, "counts")) _yes++;
                var waited = approval is null ? "" : $" after {Core.Shared.DurationWords.Of(entry.At - approval.RequestedAt)}";
                Step($"vote-{entry.Seq}", $"{by} {verdict switch { "approve" => "approved", "reject" => "rejected", "edit" => "edited and approved", _ => verdict }}{(Flag(entry, "break_glass") ? " (break-glass)" : "")}{Place(entry)}", verdict == "reject" ? "denied" : "allow",
                    $"Saw digest {Short(Word(entry, "digest"))} under matrix version {Number(entry, "version")}{waited}.", entry, AskReader.Member(body, "reason"), by);
                break;
            case "approval.edited":
                Step(EditKey(entry.Seq), $"{by} changed the arguments", "waits", $"A new proposal under rule {Word(entry, "rule")} of matrix version {Number(entry, "matrix_version")}{(_yes > 0 ? "; earlier approvals were dropped" : "")}.", entry, payload: payload);
                _yes = 0;
                break;
            case "approval.escalated":
                Step($"escalated-{entry.Seq}", Word(entry, "cause") switch { "out_of_hours" => "Deputies were asked", "absence" => "A stand-in was asked", _ => "Escalated" }, "waits", Word(entry, "cause") switch
                {
                    "nobody_eligible" => "Nobody who was asked could decide it, so more people were asked at once.",
                    "out_of_hours" => "Nobody who was asked is at work before it is due, so their deputies were asked as well.",
                    "absence" => "Somebody who was asked went away, so whoever stands in for them is asked.",
                    "hand" => $"{by} escalated it, so more people were asked at once.",
                    _ => "Nobody had decided in time, so more people were asked." + Fewer(entry),
                }, entry, AskReader.Member(body, "reason"), by, payload: payload);
                break;
            case "approval.reassigned":
                Step($"reassigned-{entry.Seq}", $"{by} handed it on{Place(entry)}", "waits", AskReader.Member(body, "to") is { } to ? $"To {Deciders.Words(to, state.Directory)}." : "", entry, AskReader.Member(body, "reason"), by);
                break;
            case "approval.claimed":
                Step($"claim-{entry.Seq}", $"{by} looked at it", "waits", Word(entry, "taken_over_from") is { Length: > 0 } from ? $"Taken over from {state.Directory.NameOf(from)}." : "Reminders stopped meanwhile.", entry);
                break;
            case "approval.claim_ended":
                Step($"claim-{entry.Seq}", $"{state.Directory.NameOf(Word(entry, "person"))} no longer looked at it", "waits", Word(entry, "cause") == "time" ? "The time of the claim ran out without a decision." : "They left it without a decision.", entry);
                break;
            case "approval.reminded":
                Step($"reminded-{entry.Seq}", "Reminded", "waits", $"Reminder {Number(entry, "reminder")} of {Number(entry, "of")} to whoever may decide, with {LeftOf(entry)} left.", entry);
                break;
            case "approval.asked_back":
                Step($"question-{entry.Seq}", $"{by} asked {(Word(entry, "to") == "owner" ? "the agent's owner" : "the agent")} back", "waits", "The clock went on.", entry, AskReader.Member(body, "question"), by);
                break;
            case "approval.answered":
                Step($"answer-{entry.Seq}", $"{by} answered", "waits", "It was the approvers' turn again.", entry, AskReader.Member(body, "answer"), Word(entry, "by") == "agent" ? "The agent's words" : by);
                break;
            case "approval.taken_back":
                _yes = Math.Max(0, _yes - (int)Math.Min(int.MaxValue, Count(entry, "votes")));
                Step($"back-{entry.Seq}", $"{by} took it back", "waits", "The agent had not been allowed to act; it waited for people again.", entry, AskReader.Member(body, "reason"), by);
                break;
            case "approval.expired":
                Step("expired", "Expired", "denied", "Nobody decided in time, so it did not happen. That is not a person's no.", entry);
                break;
            case "approval.cancelled":
                Step("cancelled", "Cancelled", "denied", Word(entry, "cause") == "agent.retired" ? $"{by} retired the agent." : $"{by} withdrew the request.", entry);
                break;
            case "decision.released":
                Step("released", "Released", "allow", $"For exactly digest {Short(Word(entry, "digest"))}, once.", entry, until: d.ValidUntil, untilWords: "The agent may use it until");
                break;
            case "decision.denied":
                Step("denied", "Denied at release", "denied", d.Reasons.Count > 0 ? d.Reasons[0].Message : Word(entry, "reason"), entry);
                break;
            case "decision.claimed":
                Step("claimed", $"{by} claimed it", "allow", $"Used digest {Short(Word(entry, "digest"))}; it holds for one action only.", entry);
                break;
            case "decision.reported":
                var status = Word(entry, "status");
                _written = Count(entry, "writes") > 0;
                Step("reported", status switch { "succeeded" => "Executed", "failed" => "Failed", "skipped" => "Skipped", _ => status }, status == "failed" ? "denied" : status == "succeeded" ? "allow" : "",
                    $"{by} reported {status} with {Number(entry, "writes")} write{(Number(entry, "writes") == "1" ? "" : "s")}{(Flag(entry, "late") ? ", late" : "")}.", entry, AskReader.Member(body, "error"), "Error", payload);
                break;
            case "approval.rule_proposed":
                Step($"proposed-{entry.Seq}", $"{by} proposed a rule from it", "", $"Row {Word(entry, "row")} in the draft of the matrix. It decides nothing before the draft is published.", entry);
                break;
            case "undo.sent" or "undo.reported" or "undo.retried" or "undo.handed_over":
                var became = Word(entry, "state");
                Step($"undo-{entry.Seq}", entry.Event switch { "undo.sent" => "Undoing began", "undo.retried" => $"{by} has the undoing tried again", "undo.handed_over" => "Undoing was handed to people", _ => became == "undone" ? "Undone" : $"Undoing: {became}" },
                    entry.Event != "undo.reported" ? "waits" : became is "undone" or "skipped" ? "allow" : "denied", $"Write {Count(entry, "write") + 1} of its report. By {by}.", entry, AskReader.Member(body, "text"));
                break;
            case "shadow.recorded":
                var did = Word(entry, "did") switch { "same" => "just that", "edited" => "the same with other arguments", "different" => $"something else: {Word(entry, "action")}", _ => "nothing" };
                Step($"shadow-{entry.Seq}", Flag(entry, "corrects") ? "What people did was corrected" : "What people did was recorded", Flag(entry, "agrees") ? "allow" : "denied", $"By {by}: people did {did}, which {(Flag(entry, "agrees") ? "agrees with" : "differs from")} what would have happened.", entry, AskReader.Member(body, "note"), by);
                break;
            case "eval_case.kept":
                Step($"kept-{entry.Seq}", "Kept as an eval case", "", $"By {by}.", entry);
                break;
            case "window.confirmed":
                Step($"window-{entry.Seq}", $"Confirmed{(Flag(entry, "break_glass") ? " (break-glass)" : "")}", "allow", $"By {by}: it stays.", entry, AskReader.Member(body, "text"), by);
                _ended = true;
                break;
            case "window.vetoed":
                Step($"window-{entry.Seq}", $"Vetoed{(Flag(entry, "break_glass") ? " (break-glass)" : "")}", "denied",
                    Word(entry, "plan").Length > 0 ? $"By {by}: its undoing began." : Number(entry, "writes") == "0" ? $"By {by}. Its report names no write, so nothing is undone from here: somebody has to look into the system itself." : $"By {by}: there was nothing left that a plan could undo.", entry, AskReader.Member(body, "text"), by);
                _ended = true;
                break;
            case "window.undone":
                Step($"window-{entry.Seq}", "Not confirmed, so its undoing began", "denied", "Nobody confirmed it in time, and its row lets nothing stay by silence.", entry);
                _ended = true;
                break;
            case "window.escalated":
                Step($"window-{entry.Seq}", "Not confirmed in time", "waits", "Nobody confirmed it in time, so more people were told. It waits to be confirmed or undone.", entry);
                _ended = true;
                break;
            case "alert.raised":
                Step($"alert-{entry.Seq}", "Alert", "denied", $"The console raised an alert: {Word(entry, "kind")}.", entry);
                break;
            default:
                Step($"entry-{entry.Seq}", entry.Event, "", $"By {by}.", entry, payload: payload);
                break;
        }
    }

    /// <summary>What follows from the clock rather than from an entry.</summary>
    public void Close(DateTimeOffset now)
    {
        if (DecisionStory.Unreported(d, now)) _steps.Add(new StoryStep("unknown", "What became of it is unknown", d.ValidUntil!.Value, "waits", "The allow ran out and nobody reported an outcome. Somebody who knows should record what happened."));
        if (_ended || d.Outcome != Outcome.Allow) return;
        if (d.ConfirmBy is { } by && now < by)
            _steps.Add(new StoryStep("window", "Has to be confirmed", by, "waits", "Its row lets nothing stay by silence: once it is reported, somebody has to confirm it.", Until: by, UntilWords: "That is possible until"));
        else if (d.ConfirmBy is null && _written && d.ReversibleUntil is { } window)
            _steps.Add(new StoryStep("window", now < window ? "Provisional" : "Final", window, now < window ? "waits" : "", now < window ? "What is reported as written can be vetoed until then, which starts its undoing." : "The window for a veto is over.",
                Until: now < window ? window : null, UntilWords: "That is open until"));
    }

    /// <summary>The step of an edit, by its entry in the log.</summary>
    public static string EditKey(long seq) => $"edit-{seq}";

    private string Decided() => Reason.OfTheAsk(d.Reasons) is [var first, ..] ? first.Message : "";

    // In whose place somebody spoke.
    private string Place(AuditEntry entry) => Word(entry, "place_of") is { Length: > 0 } holder ? $" (in the place of {state.Directory.NameOf(holder)})" : "";

    private string Asked()
    {
        var terms = approval!.Terms;
        var who = terms.Approvers.Count == 0 ? string.Join(", ", state.Rollouts.TryGetValue(d.RolloutId, out var rollout) ? rollout.Owners.Select(state.Directory.NameOf) : []) : string.Join(terms.Sequence ? ", then " : ", ", terms.Approvers.Select(a => Deciders.Words(a, state.Directory)));
        return $"{(who.Length == 0 ? "Nobody is eligible" : "Asked: " + who)}. {terms.Quorum} of them {(terms.Quorum == 1 ? "has" : "have")} to say yes within {Core.Shared.DurationWords.Of(terms.Sla)}.";
    }

    private void Step(string key, string title, string tone, string summary, AuditEntry entry, string? said = null, string? saidBy = null, string? payload = null, DateTimeOffset? until = null, string? untilWords = null)
        => _steps.Add(new StoryStep(key, title, entry.At, tone, summary, string.IsNullOrEmpty(said) ? null : said, saidBy, payload, entry.Seq, until, untilWords));

    private string Resource() => d.ResourceType is null && d.ResourceId is null ? "" : $" · {d.ResourceType} {d.ResourceId}".TrimEnd();

    private string Who(string actor)
    {
        var cut = actor.IndexOf(':');
        var (type, id) = cut < 0 ? ("", actor) : (actor[..cut], actor[(cut + 1)..]);
        return type switch { "person" => state.Directory.NameOf(id), "agent" => state.Agents.TryGetValue(id, out var agent) ? agent.Name : id, _ => "The console" };
    }

    private static string Tone(string outcome) => outcome switch { "allow" => "allow", "pending" => "waits", "deny" => "denied", _ => "shadow" };
    private static string Word(AuditEntry entry, string name) => DecisionStory.Detail(entry.Leaf, name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : "";
    private static string Fewer(AuditEntry entry) => Number(entry, "quorum") == Number(entry, "quorum_before") ? "" : $" Not as many people as the rule wants may decide it: {Number(entry, "quorum")} instead of {Number(entry, "quorum_before")}.";
    private static string Number(AuditEntry entry, string name) => DecisionStory.Detail(entry.Leaf, name) is { ValueKind: JsonValueKind.Number } value ? value.GetRawText() : "?";
    private static long Count(AuditEntry entry, string name) => DecisionStory.Detail(entry.Leaf, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var count) ? count : 0;
    private static string LeftOf(AuditEntry entry) => Core.Shared.DurationWords.Of(TimeSpan.FromSeconds(Math.Clamp(Count(entry, "seconds_left"), 0, 1_000_000_000)));
    private static bool Flag(AuditEntry entry, string name) => DecisionStory.Detail(entry.Leaf, name).ValueKind == JsonValueKind.True;
    private static string Short(string digest) => digest.Length > 19 ? digest[7..19] + "…" : digest;
}
