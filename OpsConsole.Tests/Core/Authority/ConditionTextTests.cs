using FsCheck.Fluent;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

public sealed class ConditionTextTests
{
    private static string Wire(IReadOnlyList<Condition> conditions) => MatrixJson.ToJson(new MatrixDocument { Boundaries = [new Boundary { Action = "*", When = conditions }] });

    [Fact]
    public void What_is_written_is_read_back_exactly() =>
        MatrixGenerators.Holds(Gen.ArrayOf(MatrixGenerators.Condition, 3), conditions =>
        {
            return Wire(ConditionText.Parse(ConditionText.Format(conditions)).Value) == Wire(conditions);
        });

    [Theory]
    [InlineData("amount > 200", "arguments.amount > 200")]
    [InlineData("amount ≥ 200.5 and currency is EUR", "arguments.amount >= 200.5; arguments.currency = \"EUR\"")]
    [InlineData("any of to ends with \"@acme.com\"", "any of arguments.to ends_with \"@acme.com\"")]
    [InlineData("field in phone, language, \"a;b\"", "arguments.field in [\"phone\",\"language\",\"a;b\"]")]
    [InlineData("note missing\nconfidence < 0.8", "arguments.note missing; confidence < 0.8")]
    [InlineData("amount between 100 and 500", "arguments.amount >= 100; arguments.amount <= 500")]
    [InlineData("country is one of (DE, AT); amount over 5", "arguments.country in [\"DE\",\"AT\"]; arguments.amount > 5")]
    [InlineData("resource.attributes.tier = gold", "resource.attributes.tier = \"gold\"")]
    [InlineData("\"arguments.amount due\" > 5", "arguments.amount due > 5")]
    [InlineData("arguments.cost > 2; expected_cost.usd <= 1", "arguments.cost > 2; expected_cost.usd <= 1")]
    [InlineData("every items.price <= 100", "all of arguments.items.price <= 100")]
    [InlineData("note is set; tag is not given", "arguments.note exists; arguments.tag missing")]
    [InlineData("flag = true; code = \"true\"", "arguments.flag = true; arguments.code = \"true\"")]
    [InlineData("  ", "")]
    public void People_type_it_in_many_ways(string typed, string meant) =>
        Assert.Equal(meant, string.Join("; ", ConditionText.Parse(typed).Value.Select(ConditionStory.Describe)));

    [Theory]
    [InlineData("amount", "has no comparison")]
    [InlineData("amount >", "not with what")]
    [InlineData("> 200", "does not begin with a field")]
    [InlineData("\"\" > 200", "does not begin with a field")]
    [InlineData("amount between 100", "not up to what")]
    [InlineData("amount between a and b", "two numbers")]
    [InlineData("note exists 5", "without a value")]
    [InlineData("to = \"open", "is no value")]
    [InlineData("{\"field\":", "begins like JSON")]
    [InlineData("amount > 200 EUR", "compares numbers")]
    [InlineData("amount >> banana", "compares numbers")]
    [InlineData("100 <= amount", "begins with a number")]
    [InlineData("cost > 2", "expected_cost.usd")]
    [InlineData("Tokens <= 2", "expected_cost.tokens")]
    public void What_is_not_understood_is_said(string typed, string says) => Assert.Contains(says, ConditionText.Parse(typed).Fault!.Message);

    [Fact]
    public void The_short_form_is_short() => Assert.Equal("amount > 200; any of to ends with \"@acme.com\"; confidence < 0.8; arguments.any exists; code in (\"a\", 5)", ConditionText.Format(ConditionText.Parse(
        "arguments.amount > 200; any of arguments.to ends_with \"@acme.com\"; confidence < 0.8; arguments.any exists; code in [\"a\", 5]").Value));
}
