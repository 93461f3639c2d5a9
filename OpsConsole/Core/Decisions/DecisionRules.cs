using System.Globalization;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Decisions;

/// <summary>What the rules answer, before caps and loops are looked at.</summary>
/// <param name="Rule">The row that decided; for a call that no row matches under <c>default: approve</c>, a careful stand-in without approvers.</param>
/// <param name="Provisional">Allowed, and reversible within the rule's window.</param>
/// <param name="WouldBe">The answer without tier and gate, where they held it back or the ask was a trial.</param>
public sealed record Ruling(Outcome Outcome, IReadOnlyList<Reason> Reasons, MatrixRule? Rule, bool Provisional, Tier? Tier, Gate Gate, int MatrixVersion, Outcome? WouldBe, string? LimitedBy)
{
    /// <summary>The same, refused for a reason that came up later (a cap, a loop).</summary>
    public Ruling Refuse(Reason reason) => this with { Outcome = Outcome.Deny, Reasons = [reason, .. Reasons], Provisional = false };
}

/// <summary>
/// How an answer is found (protocols.md, section N): pause, boundary, first matching rule, tier × gate, confidence and audience.
/// The first refusal is the reason; of what remains the strictest wins. Pure: the same state, ask and time give the same ruling.
/// </summary>
public static class DecisionRules
{
    /// <summary>The id that reasons carry where no row of the matrix decided.</summary>
    private static readonly MatrixRule Fallback = new() { Id = "default", Action = "*", Outcome = RuleOutcome.Approve };

    public static Ruling Decide(Ask ask, AgentAuthority agent, ConsoleState state, DateTimeOffset now)
    {
        var rollout = agent.Rollout;
        var version = rollout.Policy?.Version ?? 0;
        var grant = agent.GrantFor(ask.Action, now);

        if (HaltReason(agent, state) is { } paused) return Answer(Outcome.Deny, [paused], null, false, Outcome.Deny, null);

        var match = rollout.Policy?.Evaluate(ask.Call) ?? default;
        if (match.Boundary is { } boundary)
        {
            var why = boundary.Reason.Length > 0 ? boundary.Reason : "out of bounds";
            var bound = new Reason("boundary", $"{ask.Action} is out of bounds whatever the rules say: {why} (matrix version {version}). The rollout owner can change the boundaries.");
            return Answer(Outcome.Deny, match.Unknown ? [bound, new Reason("condition.unknown", "A condition of this boundary could not be answered from the call (missing or of another type), so the boundary applies.")] : [bound], null, false, Outcome.Deny, null);
        }

        var rule = match.Rule;
        if (rule is null)
        {
            if (rollout.Policy is null || rollout.Policy.Document.Default == DefaultOutcome.Deny)
            {
                var message = rollout.Policy is null
                    ? $"No matrix is published for {rollout.Name} yet, so nothing is allowed. The rollout owner can publish one."
                    : $"No rule of matrix version {version} covers {ask.Action}, and the default is deny. The rollout owner can add a rule.";
                return Answer(Outcome.Deny, [new Reason("rule.none", message)], null, false, Outcome.Deny, null);
            }
            rule = Fallback;
        }

        List<Reason> reasons = [RuleReason(rule, ask.Action, version)];
        if (match.Unknown) reasons.Add(new Reason("condition.unknown", $"A condition of rule {rule.Id} could not be answered from the call (missing or of another type), so the rule applies.", rule.Id));
        if (rule.Outcome == RuleOutcome.Deny) return Answer(Outcome.Deny, reasons, rule, false, Outcome.Deny, null);

        var ruled = rule.Outcome == RuleOutcome.Allow ? Outcome.Allow : Outcome.Pending;
        var (limited, provisional) = AuthorityTable.Limit(rule, rollout.Gate, grant?.Tier);
        var limitedBy = limited > ruled ? LimitWords(rule, rollout.Gate, grant?.Tier) : null;

        // Step 5 applies to what the matrix says, with or without step 4.
        var careful = Care(ask, rule, rollout, reasons);
        var would = Strictest(ruled, careful);

        if (ask.Mode != AskMode.Live)
        {
            return Answer(ask.Mode == AskMode.Shadow ? Outcome.Shadow : Outcome.Simulation, reasons, rule, false, would, limitedBy);
        }
        if (limited == Outcome.Deny)
        {
            reasons.Insert(0, LimitReason(ask.Action, rollout, grant, limitedBy!, now));
            return Answer(Outcome.Deny, reasons, rule, false, would, limitedBy);
        }
        if (limitedBy is not null) reasons.Insert(0, LimitReason(ask.Action, rollout, grant, limitedBy, now));
        var outcome = Strictest(Strictest(ruled, limited), careful);
        return Answer(outcome, reasons, rule, provisional, null, null);

        Ruling Answer(Outcome outcome, IReadOnlyList<Reason> why, MatrixRule? by, bool undoable, Outcome? wouldBe, string? limit)
        {
            // A trial is never an answer that lets something run, not even a refusal that could be mistaken for one.
            if (ask.Mode != AskMode.Live) outcome = ask.Mode == AskMode.Shadow ? Outcome.Shadow : Outcome.Simulation;
            else if (limit is null) wouldBe = null;
            return new Ruling(outcome, why, by, undoable, grant?.Tier, rollout.Gate, version, wouldBe, limit);
        }
    }

    /// <summary>Why a new ask or a claim runs nothing, or null: retired for good, or a pause. Looked at before everything else.</summary>
    public static Reason? HaltReason(AgentAuthority agent, ConsoleState state) => agent.Retired ? new Reason("paused", $"{agent.Name} is retired.") : PauseReason(agent, state);

    /// <summary>Why nothing runs until it is resumed, or null. What waits for people is kept meanwhile; retirement, which nothing resumes, is no pause (<see cref="Tightened"/>).</summary>
    public static Reason? PauseReason(AgentAuthority agent, ConsoleState state)
    {
        var (what, pause) = state.Paused is not null ? ("Everything", state.Paused) : agent.Rollout.Paused is not null ? ($"The rollout {agent.Rollout.Name}", agent.Rollout.Paused) : (agent.Name, agent.Paused);
        return pause is null ? null : new Reason("paused", $"{what} is paused by {state.Directory.NameOf(pause.By)}: {pause.Reason}. Whoever may pause it can resume it.");
    }

    /// <summary>
    /// Whether an allow that no person approved would still be given, for its claim: everything counts that decides a new ask, so that an allow of gate D ends when the gate falls to C or B.
    /// Returns the reason against it (<c>authority.changed</c>), or null. Caps are not looked at: it has reserved what it needs.
    /// </summary>
    public static Reason? NoLongerAllowed(Ask ask, AgentAuthority agent, ConsoleState state, DateTimeOffset now)
    {
        var ruling = Decide(ask, agent, state, now);
        if (ruling.Outcome == Outcome.Allow) return null;
        var today = ruling.Outcome == Outcome.Pending ? "a person decides it now" : "it is denied now";
        var why = ruling.Reasons.First(r => r.Code != "rule.allows");   // what allows it is not what holds it back
        return new Reason("authority.changed", $"The authority was tightened after this was allowed: {today}. {why.Message} Ask again.", ruling.Rule?.Id);
    }

    /// <summary>
    /// Whether what a person approved may still run: only tightenings count (boundary, a rule that now denies, grant, gate, retirement).
    /// Returns the reason against it, or null. A pause is not looked at here.
    /// </summary>
    /// <param name="write">Whether it was a write when it was asked; a rule that calls it one now counts as well.</param>
    public static Reason? Tightened(in PolicyCall call, AgentAuthority agent, bool write, DateTimeOffset now)
    {
        var rollout = agent.Rollout;
        var match = rollout.Policy?.Evaluate(call) ?? default;
        string? why = null;
        if (agent.Retired) why = $"{agent.Name} is retired";
        else if (rollout.Policy is null) why = "no matrix is in force any more";
        else if (match.Boundary is not null) why = "it is out of bounds now";
        else if (match.Rule is { Outcome: RuleOutcome.Deny }) why = $"rule {match.Rule.Id} denies it now";
        else if (match.Rule is null && rollout.Policy.Document.Default == DefaultOutcome.Deny) why = "no rule covers it any more";
        else
        {
            var tier = agent.GrantFor(call.Action, now)?.Tier;
            // A person has said yes: what must still hold is that the agent may act with a person's yes at all.
            var rule = (match.Rule ?? Fallback) with { Outcome = RuleOutcome.Approve };
            if (AuthorityTable.Limit(write ? rule with { Effect = Effect.Write } : rule, rollout.Gate, tier).Outcome == Outcome.Deny) why = rollout.Gate == Gate.None ? "no gate is in force any more" : tier is null ? "no live grant covers it any more" : "gate or tier do not carry it any more";
        }
        return why is null ? null : new Reason("authority.changed", $"The authority was tightened after this was asked: {why}.", match.Rule?.Id);
    }

    private static Outcome Care(Ask ask, MatrixRule rule, RolloutAuthority rollout, List<Reason> reasons)
    {
        if (rule.Effect == Effect.Read) return Outcome.Allow;
        var careful = Outcome.Allow;
        if (ask.Confidence is { } confidence ? confidence < rollout.MinConfidence : rollout.ConfidenceRequired)
        {
            careful = Outcome.Pending;
            reasons.Add(new Reason("confidence.low", ask.Confidence is { } said
                ? string.Create(CultureInfo.InvariantCulture, $"Confidence {said:0.####} is below {rollout.MinConfidence:0.####}, so a person decides. The rollout owner sets the threshold.")
                : $"{rollout.Name} requires a confidence and none was given, so a person decides."));
        }
        if (rollout.Gate == Gate.C && rollout.Audience is { } audience && audience.AllOf(ask.Call) != Truth.True)
        {
            careful = Outcome.Pending;
            reasons.Add(new Reason("audience", $"This call is outside the controlled audience of {rollout.Name} (gate C), so a person decides."));
        }
        return careful;
    }

    private static Reason RuleReason(MatrixRule rule, string action, int version) => rule.Outcome switch
    {
        _ when ReferenceEquals(rule, Fallback) => new Reason("rule.none", $"No rule of matrix version {version} covers {action}; the default asks a person."),
        RuleOutcome.Deny => new Reason("rule.denies", $"Rule {rule.Id} of matrix version {version} denies {action}{Note(rule)}. The rollout owner can change it.", rule.Id),
        RuleOutcome.Approve => new Reason("rule.requires_approval", $"{action} is approved by a person (rule {rule.Id}, matrix version {version}){Note(rule)}.", rule.Id),
        _ => new Reason("rule.allows", $"Rule {rule.Id} of matrix version {version} allows {action}.", rule.Id),
    };

    private static string Note(MatrixRule rule) => string.IsNullOrWhiteSpace(rule.Note) ? "" : ": " + rule.Note.Trim().TrimEnd('.');

    private static string LimitWords(MatrixRule rule, Gate gate, Tier? tier)
    {
        if (gate == Gate.None) return "no gate";
        if (tier is null) return "no grant";
        if (AuthorityTable.Column(gate, tier) >= 3 && !rule.Reversible) return "irreversible";
        // The narrower of the two is what holds it back; a tier of the same width is named with the gate's letter, because the gate comes first.
        return (int)gate <= (int)tier ? "gate " + gate : "tier " + tier.ToString()!.ToLowerInvariant();
    }

    private static Reason LimitReason(string action, RolloutAuthority rollout, GrantEntry? grant, string limitedBy, DateTimeOffset now) => limitedBy switch
    {
        "no gate" => new Reason("authority.no_gate", $"{rollout.Name} has not passed gate A, so its agents may do nothing yet. Its named people can pass the gate."),
        "no grant" => new Reason("authority.no_grant", $"No live grant of this agent covers {action}. An admin can grant the capability."),
        "irreversible" => new Reason("authority.irreversible", $"{action} cannot be undone, so a person decides at every gate and tier."),
        _ when limitedBy.StartsWith("gate", StringComparison.Ordinal) => new Reason("authority.gate", $"{rollout.Name} stands at {limitedBy}, which holds this back. Its named people can pass the next gate."),
        _ when TierReview.Overdue(grant!.ReviewBy, now) => new Reason("authority.tier", $"The agent is no more than {grant.Tier.ToString().ToLowerInvariant()} for {action}, because the review of its tier was due on {grant.ReviewBy!.Value.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)} and nobody made it. A promotion proves a higher tier anew; an admin can grant one."),
        _ => new Reason("authority.tier", $"The agent is {grant.Tier.ToString().ToLowerInvariant()} for {action}, which holds this back. An admin can grant a higher tier."),
    };

    private static Outcome Strictest(Outcome a, Outcome b) => a > b ? a : b;
}
