using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Approvals;

/// <summary>The rule as it stood when the request was raised (or edited): who decides, how many, until when, and what silence leads to.</summary>
/// <param name="AgentOwners">Ids of the people who owned the agent when it asked, and at each edit: whoever hands it away stays its owner here.</param>
/// <param name="Separated">Duties were separated when it was asked (or edited): switching that off acts on later requests only.</param>
/// <param name="Joined">Those of the approver entries that are asked because it was escalated, by the clock or by hand.</param>
/// <param name="Moves">What people handed on or escalated, in this order.</param>
/// <param name="DeputiesAsked">Nobody who was asked is at work before it is due, so their deputies are asked from the beginning.</param>
/// <param name="StandInsAsked">Who stands in since an absence that began, or was entered, after the request.</param>
/// <param name="Asked">After an edit, the terms before the first one: the circle that keeps deciding where the edited call would be allowed alone.</param>
public sealed record ApprovalTerms(
    string? RuleId, int MatrixVersion, IReadOnlyList<string> Approvers, int Quorum, bool Sequence, TimeSpan Sla, string OnExpiry,
    IReadOnlyList<string> EscalateTo, TimeSpan? Hold, TimeSpan ValidFor, TimeSpan Window, bool Provisional,
    IReadOnlyList<string>? AgentOwners = null, bool Separated = true, ApprovalTerms? Asked = null,
    IReadOnlyList<string>? Joined = null, IReadOnlyList<Move>? Moves = null, bool DeputiesAsked = false, IReadOnlyList<string>? StandInsAsked = null)
{
    /// <summary>After how many percent of the time the people asked are reminded; null: not.</summary>
    public IReadOnlyList<int>? Reminders { get; init; }
    /// <summary>What is written under it has to be confirmed inside <see cref="Window"/>.</summary>
    public bool MustBeConfirmed { get; init; }

    /// <summary>The terms of an ask that the ruling leaves to people (or, for <see cref="AfterEdit"/>, would allow alone).</summary>
    public static ApprovalTerms Of(Ruling ruling, AgentAuthority agent)
    {
        var rule = ruling.Rule!;
        return new ApprovalTerms(rule.Id, ruling.MatrixVersion, rule.Approvers, rule.Quorum, rule.Order == ApprovalOrder.Sequence, rule.Sla, rule.OnExpiry.ToString().ToLowerInvariant(), rule.EscalateTo, rule.Hold, rule.ValidFor,
            rule.Window, ruling.Provisional, [agent.OwnerId], agent.Rollout.SeparationOfDuties) { MustBeConfirmed = rule.MustBeConfirmed };
    }

    /// <summary>
    /// The terms of an edited request: those of a fresh ask of the same arguments. Where such an ask would be allowed alone, the circle that was asked first keeps deciding, as many as it needed.
    /// Owners and separation of duties only add up, so that no edit lets in whom the ask kept out. Whoever handed it on is asked no more about its edits either.
    /// </summary>
    public static ApprovalTerms AfterEdit(Ruling ruling, AgentAuthority agent, ApprovalTerms before)
    {
        var (fresh, asked) = (Of(ruling, agent), before.Asked ?? before);
        var circle = ruling.Outcome == Outcome.Allow ? asked : fresh;
        return fresh with
        {
            Approvers = circle.Approvers, Quorum = circle.Quorum, Sequence = circle.Sequence, Sla = circle.Sla, OnExpiry = circle.OnExpiry, EscalateTo = circle.EscalateTo,
            AgentOwners = [.. (before.AgentOwners ?? []).Append(agent.OwnerId).Distinct()], Separated = before.Separated || agent.Rollout.SeparationOfDuties, Asked = asked, Reminders = before.Reminders, Moves = before.Moves,
        };
    }

    /// <summary>Whether the person owned the agent when it asked, or at an edit.</summary>
    public bool OwnedBy(string personId) => AgentOwners?.Contains(personId) ?? false;
}
