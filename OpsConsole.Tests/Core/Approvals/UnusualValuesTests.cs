using System.Globalization;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Approvals;

namespace OpsConsole.Tests.Core.Approvals;

public sealed class UnusualValuesTests
{
    private static IReadOnlyList<UnusualMark> Find(string now, params string[] earlier) => UnusualValues.Find(JsonElement.Parse(now), [.. earlier.Select(e => JsonElement.Parse(e))]);
    private static string[] Amounts(params double[] amounts) => [.. amounts.Select(a => string.Create(CultureInfo.InvariantCulture, $$"""{"amount":{{a}}}"""))];

    [Fact]
    public void Find_ANumberAboveAllEarlier_SaysHowManyTimesItsUsual()
    {
        var mark = Assert.Single(Find("""{"amount":420}""", Amounts(100, 150, 120, 140, 130)));
        Assert.Equal(("amount", UnusualKind.Higher, "3.2× its usual 130, higher than all 5 earlier", 5), (mark.Path, mark.Kind, mark.Words, mark.Earlier));
        Assert.Equal(UnusualKind.Lower, Assert.Single(Find("""{"amount":1}""", Amounts(100, 150, 120, 140, 130))).Kind);
        Assert.Equal("higher than all 5 earlier (0 at most)", Assert.Single(Find("""{"amount":7}""", Amounts(0, 0, 0, 0, 0))).Words);
        Assert.Equal("2.0× its usual 10, higher than all 5 earlier", Assert.Single(Find("""{"amount":"20.00"}""", """{"amount":"10.00"}""", """{"amount":"9.50"}""", """{"amount":"10.00"}""", """{"amount":"11.00"}""", """{"amount":"10.00"}""")).Words);
    }

    [Fact]
    public void Find_ACounter_IsNotUnusualForHavingGrown()
    {
        Assert.Empty(Find("""{"amount":9}""", Amounts(4, 5, 6, 7, 8)));
        Assert.Single(Find("""{"amount":3}""", Amounts(4, 5, 6, 7, 8)));
    }

    [Fact]
    public void Find_FewEarlier_SaysNothing() => Assert.Empty(Find("""{"amount":9000,"new":1}""", Amounts(100, 150, 120, 140)));

    [Fact]
    public void Find_Texts_OnlyWhereTheyComeAgain()
    {
        string[] earlier = [.. Enumerable.Range(0, 6).Select(i => $$"""{"currency":"{{(i % 2 == 0 ? "EUR" : "USD")}}","note":"note {{i}}","to":["c{{i}}@acme.com"]}""")];
        var marks = Find("""{"currency":"BTC","note":"quite another","to":["boss@acme.com","eve@evil.io"]}""", earlier);
        Assert.Equal([("currency", UnusualKind.NewText, "never seen before (6 earlier, 2 other values)"), ("to[2]", UnusualKind.NewDomain, "evil.io is new here: 1 other domain in 6 earlier")], marks.Select(m => (m.Path, m.Kind, m.Words)));
    }

    [Fact]
    public void Find_Fields_ThatWereNeverOrAlwaysThere()
    {
        string[] earlier = [.. Enumerable.Range(0, 5).Select(i => $$"""{"order":{"id":{{i}}},"lines":[{"sku":"A{{i}}"}]}""")];
        Assert.Equal([("force", UnusualKind.NewField), ("order.id", UnusualKind.MissingField)], Find("""{"force":true,"lines":[{"sku":"A9"},{"sku":"A8"}]}""", earlier).Select(m => (m.Path, m.Kind)));
        Assert.Empty(Find("""{"order":{"id":9},"lines":[]}""", earlier));   // an empty list still is the field
    }

    // Whatever was sent, a call like one of the earlier ones is not unusual, and a mark is about something that no earlier call had.
    [Fact]
    public void Find_ACallThatWasMadeBefore_HasNoMarks()
    {
        var value = Gen.Elements("1", "2.5", "-3", "\"x\"", "\"a@b.io\"", "\"7.50\"", "true", "null", "[]", "[1,2]", "{}", "{\"in\":1}", "\"https://x.org/a\"");
        var call = from a in value from b in value from c in value from which in Gen.Choose(0, 7)
                   select "{" + string.Join(',', ((string?[])[(which & 1) == 0 ? $"\"a\":{a}" : null, (which & 2) == 0 ? $"\"b\":{b}" : null, (which & 4) == 0 ? $"\"c\":{c}" : null]).OfType<string>()) + "}";
        Prop.ForAll((from calls in Gen.ListOf(call) from again in Gen.Choose(0, 1_000) select (calls, again)).ToArbitrary(), x =>
        {
            var earlier = x.calls.Select(e => JsonElement.Parse(e)).ToList();
            if (earlier.Count == 0) return;
            Assert.Empty(UnusualValues.Find(earlier[x.again % earlier.Count], earlier));
        }).QuickCheckThrowOnFailure();
    }
}
