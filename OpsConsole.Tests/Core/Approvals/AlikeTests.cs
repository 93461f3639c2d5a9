using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Authority;

namespace OpsConsole.Core.Approvals;

/// <summary>What requests are sorted by, and what makes them alike.</summary>
public sealed class AlikeTests
{
    [Theory]
    [InlineData("""{"refund":{"sum":420.5},"amount":3}""", 420.5)]           // the rule's own condition goes first
    [InlineData("""{"refund":{"sum":"420"},"usd":7,"total":8}""", 8.0)]        // a number in a text is no number
    [InlineData("""{"refund":{},"note":"amount 3"}""", null)]
    [InlineData("""{"amount":1e999}""", null)]
    [InlineData("[1]", null)]
    public void Amount_IsTheRulesOwnNumberThenTheUsualNames(string arguments, double? amount)
    {
        var rule = new MatrixRule { Id = "R-1", Action = "refund.create", Outcome = RuleOutcome.Approve, When = [new() { Field = "arguments.order", Op = Op.Equal, Value = Json("\"a\"") }, new() { Field = "arguments.refund.sum", Op = Op.Greater, Value = Json("200") }] };
        Assert.Equal(amount, RequestAmount.Of(rule, Json(arguments)));
    }

    [Theory]
    [InlineData("""{"a":1,"b":"x"}""", """{"b":"","a":-2.5}""", true)]
    [InlineData("""{"a":true}""", """{"a":false}""", true)]
    [InlineData("""{"a":1}""", """{"a":"1"}""", false)]
    [InlineData("""{"a":1}""", """{"a":1,"b":1}""", false)]
    [InlineData("""{"a":null}""", """{"a":0}""", false)]
    [InlineData("""{"to":["a"]}""", """{"to":["a","b"]}""", true)]          // how many is a difference to look at
    [InlineData("""{"to":["a"]}""", """{"to":["a",1]}""", false)]
    [InlineData("""{"a":{"b":1}}""", """{"a.b":1}""", false)]
    [InlineData("""{"a\":s,\"b":"x"}""", """{"a":"x","b":"x"}""", false)]   // a name cannot spell a shape
    public void Shape_IsNamesAndTypes(string one, string other, bool alike) => Assert.Equal(alike, BulkRules.Shape(Json(one)) == BulkRules.Shape(Json(other)));

    [Fact]
    public void Place_ReadBack_IsTheSamePlace() => Prop.ForAll<int, double, PositiveInt>((part, amount, seq) =>
    {
        var place = new Features.Approvals.QueuePlace(DateTimeOffset.UnixEpoch.AddMicroseconds(seq.Get * 977L), seq.Get, part & 1, double.IsFinite(amount) ? amount : 0);
        return Features.Approvals.QueuePlace.TryParse(place.ToString(), out var read) && read == place;
    }).QuickCheckThrowOnFailure();

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;
}
