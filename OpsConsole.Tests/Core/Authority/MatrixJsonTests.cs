using System.Text.Json;
using OpsConsole.Core.Authority;
using Xunit;

namespace OpsConsole.Tests.Core.Authority;

public sealed class MatrixJsonTests
{
    [Fact]
    public void ToJson_Conditions_StandAsPeopleReadThem()
    {
        const string Row = """{"rules":[{"id":"R","action":"x","outcome":"deny","when":[{"field":"arguments.amount","op":">=","value":200},{"field":"arguments.to","op":"=","value":"<b>'Größe' & \"mehr\"</b>"}],"note":"a > b"}]}""";
        var json = MatrixJson.ToJson(MatrixJson.Parse(JsonElement.Parse(Row)).Value);
        Assert.Contains("\"op\":\">=\"", json, StringComparison.Ordinal);
        Assert.Contains("<b>'Größe' & ", json, StringComparison.Ordinal);
        Assert.DoesNotContain("\\u00", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_RandomMatrix_IsReadBackExactly() =>
        MatrixGenerators.Holds(MatrixGenerators.Document(MatrixGenerators.Condition), doc =>
        {
            var json = MatrixJson.ToJson(doc);
            var read = MatrixJson.Parse(JsonElement.Parse(json));
            return read.Ok && MatrixJson.ToJson(read.Value) == json && Plain(read.Value) == Plain(doc);
        }, 500);

    // Not the writer under test: every property, defaults included.
    private static string Plain(MatrixDocument doc) => JsonSerializer.Serialize(doc);

    [Fact]
    public void Parse_OnlyRequiredFields_FillsInTheDefaults()
    {
        var rule = MatrixJson.Parse(JsonElement.Parse("""{"rules":[{"id":"R-1","action":"refund.create","outcome":"approve","hold":null}]}""")).Value.Rules[0];
        Assert.Equal((Effect.Write, Consequence.High, false, 1), (rule.Effect, rule.Consequence, rule.Reversible, rule.Quorum));
        Assert.Equal((TimeSpan.FromHours(1), TimeSpan.FromDays(1), (TimeSpan?)null, TimeSpan.FromMinutes(5)), (rule.Sla, rule.Window, rule.Hold, rule.ValidFor));
        Assert.Equal((OnExpiry.Deny, Confirm.None, ApprovalOrder.Any, false), (rule.OnExpiry, rule.Confirm, rule.Order, rule.Claim));
    }

    [Theory]
    [InlineData("""{"rule":[]}""", "field.unknown", "rule")]
    [InlineData("""[]""", "field.invalid", "")]
    [InlineData("""{"default":"allow"}""", "field.invalid", "default")]
    [InlineData("""{"rules":[{"id":"a","action":"x"}]}""", "field.invalid", "rules[0].outcome")]
    [InlineData("""{"rules":[{"action":"x","outcome":"deny"}]}""", "field.invalid", "rules[0].id")]
    [InlineData("""{"rules":[{"id":"a b","action":"x","outcome":"deny"}]}""", "field.invalid", "rules[0].id")]
    [InlineData("""{"rules":[{"id":"a","action":"x*","outcome":"deny"}]}""", "field.invalid", "rules[0].action")]
    [InlineData("""{"rules":[{"id":"a","action":"*.x","outcome":"deny"}]}""", "field.invalid", "rules[0].action")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","sla":"PT0S"}]}""", "field.invalid", "rules[0].sla")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","sla":"1h"}]}""", "field.invalid", "rules[0].sla")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","sla":"P1M"}]}""", "field.invalid", "rules[0].sla")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","quorum":0}]}""", "field.invalid", "rules[0].quorum")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","quorum":1.5}]}""", "field.invalid", "rules[0].quorum")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","claim":"yes"}]}""", "field.invalid", "rules[0].claim")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","note":"a\u0000"}]}""", "field.invalid", "rules[0].note")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","note":"\ud800"}]}""", "field.invalid", "rules[0].note")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","resource":{}}]}""", "field.invalid", "rules[0].resource")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","id":"b"}]}""", "field.invalid", "rules[0].id")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","classes":["fun"]}]}""", "field.invalid", "rules[0].classes[0]")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","when":[{"field":"arguments.a","op":"~","value":1}]}]}""", "field.invalid", "rules[0].when[0].op")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","when":[{"field":"amount","op":"=","value":1}]}]}""", "field.invalid", "rules[0].when[0].field")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","when":[{"field":"arguments.a","op":"=","value":{}}]}]}""", "field.invalid", "rules[0].when[0].value")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","when":[{"field":"arguments.a","op":"=","value":1e999}]}]}""", "field.invalid", "rules[0].when[0].value")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"deny","when":[{"field":"arguments.a","op":"=","value":9007199254740993}]}]}""", "field.invalid", "rules[0].when[0].value")]
    [InlineData("""{"boundaries":[{"action":"x","when":[{"field":"arguments.a","op":"=","val":1}]}]}""", "field.unknown", "boundaries[0].when[0].val")]
    public void Parse_WrongStructure_NamesTheField(string json, string code, string field)
    {
        var fault = MatrixJson.Parse(JsonElement.Parse(json)).Fault;
        Assert.Equal((code, field), (fault?.Code, fault?.Field));
    }

    [Theory]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"allow"},{"id":"a","action":"x","outcome":"deny"}]}""")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"allow","when":[{"field":"arguments.a","op":"matches","value":"("}]}]}""")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"allow","when":[{"field":"arguments.a","op":">","value":"200"}]}]}""")]
    [InlineData("""{"rules":[{"id":"a","action":"x","outcome":"allow","when":[{"field":"arguments.a","op":"in","value":3}]}]}""")]
    public void Parse_WrongMeaning_IsADraftAndAnAnalysisError(string json)
    {
        var doc = MatrixJson.Parse(JsonElement.Parse(json)).Value;
        Assert.False(MatrixAnalyser.Analyse(doc, _ => ApproverStanding.Known, ActionCatalogue.Empty).Ok);
    }

    [Theory]
    [InlineData("PT15M", 900)]
    [InlineData("PT24H", 86400)]
    [InlineData("P1D", 86400)]
    [InlineData("P1DT12H", 129600)]
    [InlineData("PT0.5S", 0.5)]
    [InlineData("P2W", 1209600)]
    public void TryParse_Duration_IsReadAndWrittenBack(string text, double seconds)
    {
        Assert.True(IsoDuration.TryParse(text, out var read));
        Assert.Equal(seconds, read.TotalSeconds);
        Assert.True(IsoDuration.TryParse(IsoDuration.Write(read), out var again) && again == read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("P1")]
    [InlineData("P1H")]
    [InlineData("PT1D")]
    [InlineData("PT1S1M")]
    [InlineData("PT1.5H")]
    [InlineData("PT.5S")]
    [InlineData("-PT1S")]
    [InlineData("PT1.2.3S")]
    [InlineData("P999999999999999W")]
    public void TryParse_NotADuration_IsRefused(string text) => Assert.False(IsoDuration.TryParse(text, out _));
}
