using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Audit;

/// <summary>
/// Whether the rows that people read (decisions, approvals, outcomes) say what the log says. Each method returns the first difference in words, or null.
/// <c>after</c> are the entries that belong to the decision, in order. Not compared, because no entry holds it: what follows from the rule and the caps
/// (write, consequence, claim, validity, amounts reserved), the wording of reasons, and an approval's terms and deadline;
/// nor claims, reminders and questions, on which nothing is decided.
/// </summary>
public static class RowRules
{
    private const string Asked = "decision.asked", Edited = "approval.edited", Voted = "approval.voted", Expired = "approval.expired", Cancelled = "approval.cancelled", Released = "decision.released", Denied = "decision.denied", TakenBack = "approval.taken_back";

    /// <summary>The entry that a decision's row was made with.</summary>
    public const string AskedEvent = Asked;
    /// <summary>The entry that an outcome's row was made with.</summary>
    public const string ReportedEvent = "decision.reported";

    public static bool WasPending(LogEvent asked) => asked.Word("outcome") == "pending";

    public static string? Decision(DecisionRecord d, LogEvent asked, IReadOnlyList<LogEvent> after)
    {
        var pending = WasPending(asked);
        var (edit, end) = (after.LastOrDefault(e => e.Event == Edited), pending ? after.LastOrDefault(Ends) : null);
        var (claim, report) = (after.FirstOrDefault(e => e.Event == "decision.claimed"), after.FirstOrDefault(e => e.Event == ReportedEvent));
        var outcome = !pending ? asked.Word("outcome") : end is null ? "pending" : end.Event == Released ? "allow" : "deny";
        return First("decision",
            ("id", d.Id == asked.Object), ("agent", "agent:" + d.AgentId == asked.Actor), ("time", d.At == asked.At), ("rollout", d.RolloutId == asked.Word("rollout")), ("action", d.Action == asked.Word("action")),
            ("mode", Lower(d.Mode) == asked.Word("mode")), ("gate", d.Gate.ToString() == asked.Word("gate")), ("tier", (d.Tier is { } tier ? Lower(tier) : null) == asked.Word("tier")),
            ("rule", d.RuleId == (edit ?? asked).Word("rule")), ("matrix version", d.MatrixVersion == (edit ?? asked).Number("matrix_version")), ("digest", CallDigest.ToWire(d.Digest) == (edit ?? asked).Word("digest")),
            ("arguments", d.ArgumentsSeq == (edit ?? asked).Seq), ("first reason", d.Reasons.Any(r => r.Code == asked.Word("reason"))), ("outcome", Lower(d.Outcome) == outcome),
            ("time of resolution", d.ResolvedAt == (pending ? end?.At : asked.At)), ("claim", d.ClaimedAt == claim?.At), ("report", d.ReportedAt == report?.At),
            ("reported status", (d.ReportStatus is { } status ? Lower(status) : null) == report?.Word("status")), ("lateness", d.Late == (report?.Flag("late") ?? false)))
            ?? (asked.Facts is { } facts ? First("decision",
                ("resource", d.ResourceType == facts.ResourceType && d.ResourceId == facts.ResourceId), ("run", facts.RunId is null || d.RunId == facts.RunId),   // without one, the run is the trace's
                ("person on whose behalf", d.OnBehalfOf == facts.OnBehalfOf), ("confidence", d.Confidence.Equals(facts.Confidence))) : null);
    }

    public static string? Approval(ApprovalRequest a, DecisionRecord d, LogEvent asked, IReadOnlyList<LogEvent> after)
    {
        var (edit, end) = (after.LastOrDefault(e => e.Event == Edited), after.LastOrDefault(Ends));
        // An edit by somebody who may not decide what they proposed is on record, and is no vote.
        var votes = after.Where(e => e.Event == Voted && e.Flag("counts") != false).ToList();
        if (a.Votes.Count != votes.Count) return $"the approval has {a.Votes.Count} votes, but {votes.Count} were recorded";
        for (var i = 0; i < votes.Count; i++)
        {
            if (Vote(a.Votes[i], votes[i]) is { } different) return different;
        }
        var back = after.Where(e => e.Event == TakenBack).ToList();
        if (!a.Votes.Where(v => v.WithdrawnAt is not null).Select(v => v.WithdrawnAt!.Value).Order().SequenceEqual(back.SelectMany(e => Enumerable.Repeat(e.At, (int)Math.Clamp(e.Number("votes") ?? 0, 0, a.Votes.Count))).Order())) return "the votes taken back in the approval's row are not those that were recorded";
        var (status, decided) = end switch
        {
            { Event: Cancelled } => ("cancelled", end.At),
            { Event: Expired } => ("expired", end.At),
            { Event: Voted } => ("rejected", end.At),
            _ when end is not null || a.Approvals >= a.Terms.Quorum => (a.Round > 0 || a.CurrentVotes.Any(v => v.Verdict == Verdict.Edit) ? "edited" : "approved", votes.LastOrDefault()?.At),
            _ => ("pending", (DateTimeOffset?)null),
        };
        return First("approval",
            ("id", a.Id == Ids.Rename(asked.Object, "apr") && a.DecisionId == asked.Object), ("agent", "agent:" + a.AgentId == asked.Actor), ("rollout", a.RolloutId == asked.Word("rollout")), ("action", a.Action == asked.Word("action")),
            ("resource", a.ResourceId == d.ResourceId), ("run", a.RunId == d.RunId), ("time", a.RequestedAt == asked.At), ("digest", CallDigest.ToWire(a.Digest) == (edit ?? asked).Word("digest")),
            ("arguments", a.ArgumentsSeq == (edit ?? asked).Seq), ("round", a.Round == after.Count(e => e.Event == Edited)), ("status", Lower(a.Status) == status), ("time of decision", a.DecidedAt == decided),
            ("release", a.ReleasedAt == (end?.Event is Released or Denied ? end.At : null)));
    }

    public static string? Outcome(OutcomeRecord o, LogEvent reported) => First("outcome",
        ("entry", o.AuditSeq == reported.Seq), ("time", o.At == reported.At), ("reporter", o.ReportedBy == reported.Actor), ("status", Lower(o.Status) == reported.Word("status")), ("lateness", o.Late == reported.Flag("late")),
        ("number of writes", o.WriteCount == reported.Number("writes")), ("cost", (o.CostUsd is { } usd ? Money.ToWire(usd) : null) == reported.Word("cost_usd")),
        ("error", reported.Facts is null || o.Error == reported.Facts.Error), ("hash", reported.Facts is null || o.Sha256.AsSpan().SequenceEqual(reported.Facts.Sha256)));

    private static string? Vote(Vote vote, LogEvent entry) => First("vote",
        ("person", "person:" + vote.PersonId == entry.Actor), ("verdict", Lower(vote.Verdict) == entry.Word("verdict")), ("time", vote.At == entry.At), ("round", vote.Round == entry.Number("round")),
        ("break-glass", vote.BreakGlass == entry.Flag("break_glass")), ("reason", (vote.Reason is null) == (entry.Word("payload_sha256") is null) && (entry.Facts is null || vote.Reason == entry.Facts.Reason)),
        ("kind of reason", vote.Verdict == Verdict.Edit || vote.ReasonCode == entry.Word("reason_code")));

    /// <summary>Whether an entry ends what was pending.</summary>
    private static bool Ends(LogEvent e) => e.Event is Released or Denied or Expired or Cancelled || (e.Event == Voted && e.Word("verdict") == "reject");

    private static string? First(string row, params ReadOnlySpan<(string Name, bool Same)> parts)
    {
        foreach (var (name, same) in parts)
        {
            if (!same) return $"the {name} of the {row}'s row differs from what was recorded";
        }
        return null;
    }

    private static string Lower<T>(T word) where T : struct, Enum => word.ToString().ToLowerInvariant();
}
