using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

public sealed class RuleCellsTests
{
    private static readonly MatrixRule Bare = new() { Id = "R-1", Action = "refund.create", Outcome = RuleOutcome.Approve };

    private static string? Knows(string name) => name switch { "leads" => "group:leads", "Dana" => "user:dana@example.com", _ => null };

    private static string Wire(MatrixRule rule) => MatrixJson.ToJson(new MatrixDocument { Rules = [rule] });

    [Fact]
    public void Opening_a_cell_and_leaving_it_changes_nothing() => MatrixGenerators.Holds(MatrixGenerators.Document(MatrixGenerators.Condition), d =>
        d.Rules.All(r => Enum.GetValues<RuleColumn>().All(c => ReferenceEquals(RuleCells.Set(r, c, RuleCells.Text(r, c), Knows).Value, r)))
        && d.Boundaries.All(b => Enum.GetValues<BoundaryColumn>().All(c => ReferenceEquals(RuleCells.Set(b, c, RuleCells.Text(b, c)).Value, b))), 300);

    [Fact]
    public void Copying_every_cell_into_an_empty_row_gives_what_the_cells_say() => MatrixGenerators.Holds(MatrixGenerators.Document(MatrixGenerators.Condition), d => d.Rules.All(r =>
    {
        var copy = new MatrixRule { Id = "R-99", Action = "", Outcome = RuleOutcome.Deny };
        foreach (var column in Enum.GetValues<RuleColumn>()) copy = RuleCells.Set(copy, column, RuleCells.Text(r, column), Knows).Value;
        return Enum.GetValues<RuleColumn>().All(c => RuleCells.Text(copy, c) == RuleCells.Text(r, c));
    }), 300);

    [Theory]
    [InlineData("leads", "approvers\":[\"group:leads\"]")]
    [InlineData("Dana", "approvers\":[\"user:dana@example.com\"]")]
    [InlineData("2 of leads, mara@x.org", "approvers\":[\"group:leads\",\"user:mara@x.org\"],\"quorum\":2")]
    [InlineData("leads then mara@x.org", "approvers\":[\"group:leads\",\"user:mara@x.org\"],\"quorum\":2,\"order\":\"sequence\"")]
    [InlineData("both of leads, Dana", "approvers\":[\"group:leads\",\"user:dana@example.com\"],\"quorum\":2")]
    [InlineData("nobody known", "approvers\":[\"group:nobody known\"]")]
    [InlineData("", "\"outcome\":\"approve\"}")]
    public void Approvers_are_read_as_people_write_them(string typed, string wire) => Assert.Contains(wire, Wire(RuleCells.Set(Bare with { Approvers = ["user:x@y"] }, RuleColumn.Approvers, typed, Knows).Value));

    [Theory]
    [InlineData("15 min, else denied", "\"sla\":\"PT15M\"")]
    [InlineData("90s", "\"sla\":\"PT1M30S\"")]
    [InlineData("2 h 30 minutes else escalate to leads, Dana", "\"sla\":\"PT2H30M\",\"on_expiry\":\"escalate\",\"escalate_to\":[\"group:leads\",\"user:dana@example.com\"]")]
    [InlineData("else ask more people", "\"on_expiry\":\"widen\"")]
    [InlineData("P2D", "\"sla\":\"P2D\"")]
    public void Answers_are_read_as_people_write_them(string typed, string wire) => Assert.Contains(wire, Wire(RuleCells.Set(Bare, RuleColumn.Answer, typed, Knows).Value));

    [Theory]
    [InlineData(OnExpiry.Widen, "1 h, else ask more people", true)]
    [InlineData(OnExpiry.Deny, "1 h, else denied", true)]
    [InlineData(OnExpiry.Deny, "", true)]
    [InlineData(OnExpiry.Widen, "1 h", true)]
    [InlineData(OnExpiry.Widen, "1 h, else denied", false)]
    [InlineData(OnExpiry.Escalate, "1 h, else ask more people", false)]
    [InlineData(OnExpiry.Escalate, "1 h, else escalate", false)]   // there the cell shows the names, and they were taken out of it
    public void Whom_it_is_escalated_to_stays_while_what_it_belongs_to_does(OnExpiry onExpiry, string typed, bool stays)
        => Assert.Equal(stays ? ["group:duty"] : [], RuleCells.Set(Bare with { OnExpiry = onExpiry, EscalateTo = ["group:duty"] }, RuleColumn.Answer, typed, Knows).Value.EscalateTo);

    [Fact]
    public void Stakes_name_what_is_touched() => Assert.Contains("\"effect\":\"write\",\"consequence\":\"low\",\"classes\":[\"revenue\",\"data_quality\"],\"reversible\":true", Wire(RuleCells.Set(Bare, RuleColumn.Stakes, "low; reversible, revenue, Data quality", Knows).Value));

    [Theory]
    [InlineData(RuleColumn.Outcome, "maybe", "allow, approve or deny")]
    [InlineData(RuleColumn.Answer, "soon, else denied", "is no length of time")]
    [InlineData(RuleColumn.Answer, "5 min else shrug", "when the time is over")]
    [InlineData(RuleColumn.Stakes, "low, cosmic", "'cosmic' is not known")]
    [InlineData(RuleColumn.Action, "refund create", "must be an action")]
    [InlineData(RuleColumn.Id, "", "must have 1 to 64")]
    [InlineData(RuleColumn.When, "amount >", "not with what")]
    [InlineData(RuleColumn.Answer, "0s", "must be a duration")]
    public void What_is_not_understood_is_said_without_jargon(RuleColumn column, string typed, string says) => Assert.Contains(says, RuleCells.Set(Bare, column, typed, Knows).Fault!.Message);

    [Fact]
    public void A_resource_may_be_a_type_an_id_or_both()
    {
        Assert.Equal(new ResourcePattern("order", "12"), RuleCells.Set(Bare, RuleColumn.Resource, "order 12", Knows).Value.Resource);
        Assert.Equal(new ResourcePattern(null, "12"), RuleCells.Set(Bare, RuleColumn.Resource, "any 12", Knows).Value.Resource);
        Assert.Equal(new ResourcePattern("big order", null), RuleCells.Set(Bare, RuleColumn.Resource, "\"big order\"", Knows).Value.Resource);
        Assert.Null(RuleCells.Set(Bare with { Resource = new("x") }, RuleColumn.Resource, "", Knows).Value.Resource);
    }
}
