using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

public sealed class RuleSentenceTests
{
    private static MatrixRule Rule(RuleOutcome outcome) => new() { Id = "R-1", Action = "refund.create", Outcome = outcome, When = ConditionText.Parse("amount > 200").Value };

    private static string Say(MatrixRule rule) => RuleSentence.Of(rule, a => a[(a.IndexOf(':') + 1)..]);

    [Fact]
    public void An_approval_says_who_by_when_and_what_else() => Assert.Equal("refund.create on order, where amount is over 200: needs one of the group leads within 15 min, else it is denied.",
        Say(Rule(RuleOutcome.Approve) with { Resource = new("order"), Approvers = ["group:leads"], Sla = TimeSpan.FromMinutes(15) }));

    [Fact]
    public void Two_in_a_row_and_an_escalation_are_told() => Assert.Equal("refund.create, where amount is over 200: needs the group leads, then mara@x within 30 min, else dana@x is asked.",
        Say(Rule(RuleOutcome.Approve) with { Approvers = ["group:leads", "user:mara@x"], Quorum = 2, Order = ApprovalOrder.Sequence, Sla = TimeSpan.FromMinutes(30), OnExpiry = OnExpiry.Escalate, EscalateTo = ["user:dana@x"] }));

    [Fact]
    public void An_allow_says_how_it_is_undone() => Assert.Equal("refund.create, where amount is over 200: the agent does it alone, and it can be undone for 1 day.",
        Say(Rule(RuleOutcome.Allow) with { Reversible = true, Consequence = Consequence.Low }));

    [Fact]
    public void A_write_that_cannot_be_undone_is_no_promise() => Assert.Contains("a person approves it all the same", Say(Rule(RuleOutcome.Allow)));

    [Fact]
    public void A_boundary_says_never_and_why() => Assert.Equal("Anything below payment, where one of to ends with “@x”: never, because no money.",
        RuleSentence.Of(new Boundary { Action = "payment.*", When = ConditionText.Parse("any of to ends with \"@x\"").Value, Reason = "no money." }));

    [Fact]
    public void Every_row_can_be_said() => MatrixGenerators.Holds(MatrixGenerators.Document(MatrixGenerators.Condition), d => d.Rules.All(r => Say(r).EndsWith('.')) && d.Boundaries.All(b => RuleSentence.Of(b).Length > 5), 300);
}
