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

    [Theory]
    [InlineData("amount > 200; currency = \"EUR\"", null, "where amount is over 200 EUR:")]
    [InlineData("currency = \"EUR\"; amount >= 10; amount < 50", null, "where amount is at least 10 EUR and amount is under 50 EUR:")]
    [InlineData("amount > 200; currency in EUR, USD", null, "where amount is over 200 and currency is “EUR” or “USD”:")]   // which one is not known
    [InlineData("amount > 200; currency = \"euros\"", null, "where amount is over 200 and currency is “euros”:")]
    [InlineData("seats > 5; currency = \"EUR\"", null, "where seats is over 5 and currency is “EUR”:")]   // no amount
    [InlineData("order.total > 5; currency = \"EUR\"", null, "where order.total is over 5 and currency is “EUR”:")]   // another thing's currency
    [InlineData("amount > 200; seats > 5", "CHF", "where amount is over 200 CHF and seats is over 5:")]
    [InlineData("amount > 200; currency = \"EUR\"", "CHF", "where amount is over 200 EUR:")]
    public void An_amount_is_read_with_its_currency_where_the_data_says_which(string when, string? known, string says) =>
        Assert.Contains(says, RuleSentence.Of(Rule(RuleOutcome.Deny) with { When = ConditionText.Parse(when).Value }, a => a, known));

    [Theory]
    [InlineData("""{"properties":{"currency":{"const":"EUR"}}}""", "EUR")]
    [InlineData("""{"properties":{"currency":{"enum":["EUR"]}}}""", "EUR")]
    [InlineData("""{"properties":{"currency":{"enum":["EUR","USD"]}}}""", null)]
    [InlineData("""{"properties":{"currency":{"type":"string"}}}""", null)]
    [InlineData("""{"properties":[]}""", null)]
    public void The_register_knows_a_currency_when_it_allows_only_one(string schema, string? currency)
    {
        var catalogue = ActionCatalogue.Empty.WithAll([new CatalogueAction { Action = "refund.create", ArgumentsSchema = System.Text.Json.JsonElement.Parse(schema) }]).Value;
        Assert.Equal(currency, MoneyWords.CurrencyOf("refund.*", catalogue));
        Assert.Null(MoneyWords.CurrencyOf("order.get", catalogue));
    }

    [Fact]
    public void A_write_that_cannot_be_undone_is_no_promise() => Assert.Contains("a person approves it all the same", Say(Rule(RuleOutcome.Allow)));

    [Fact]
    public void A_boundary_says_never_and_why() => Assert.Equal("Anything below payment, where one of to ends with “@x”: never, because no money.",
        RuleSentence.Of(new Boundary { Action = "payment.*", When = ConditionText.Parse("any of to ends with \"@x\"").Value, Reason = "no money." }));

    [Fact]
    public void Every_row_can_be_said() => MatrixGenerators.Holds(MatrixGenerators.Document(MatrixGenerators.Condition), d => d.Rules.All(r => Say(r).EndsWith('.')) && d.Boundaries.All(b => RuleSentence.Of(b).Length > 5), 300);
}
