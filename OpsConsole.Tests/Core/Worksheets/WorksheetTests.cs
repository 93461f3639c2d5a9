using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Worksheets;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Worksheets;

public sealed class WorksheetTests
{
    private static readonly DateTimeOffset Began = new(2026, 11, 21, 9, 0, 0, TimeSpan.Zero);
    private int _patches;

    private Patch Put(string field, string value, params string[] over) => new("rol_1", $"p{++_patches}", FieldKey.Parse(field)!.Value, over, value, "ada", Began.AddSeconds(_patches));

    [Theory]
    [InlineData("canvas/workflow", true)]
    [InlineData("tests/k3f9/owner", true)]
    [InlineData("canvas", false)]
    [InlineData("a/b/c/d", false)]
    [InlineData("canvas//x", false)]
    [InlineData("Canvas/x", false)]
    [InlineData("canvas/<b>", false)]
    [InlineData("canvas/workflow\n", false)]
    public void FieldKey_IsReadExactly(string text, bool isOne) => Assert.Equal(isOne ? text : null, FieldKey.Parse(text)?.ToString());

    [Fact]
    public void Between_AnyTwoPlaces_ThereIsAnother() => MatrixGenerators.Holds(Gen.Choose(1, 60).SelectMany(n => Gen.ArrayOf(Gen.Choose(0, 1 << 20), n)), seeds =>
    {
        List<string> places = [];
        foreach (var seed in seeds)
        {
            var at = seed % 3 == 0 ? places.Count : seed % (places.Count + 1);
            var place = RowPlace.Between(at == 0 ? null : places[at - 1], at == places.Count ? null : places[at]);
            if (!RowPlace.IsOne(place)) return false;
            places.Insert(at, place);
        }
        return places.SequenceEqual(places.Order(StringComparer.Ordinal)) && places.Distinct().Count() == places.Count;
    }, 300);

    [Fact]
    public void Between_ManyAtTheEnd_StaysShort()
    {
        string? last = null;
        for (var i = 0; i < 500; i++) last = RowPlace.Between(last, null);
        Assert.True(last!.Length <= 40, last);
    }

    [Fact]
    public void Rows_StandInTheirPlaces_AndThoseTakenOutCanComeBack()
    {
        var sheet = Worksheet.Of("tests", [Put("tests/b/place", "2"), Put("tests/a/place", "1"), Put("tests/a/scenario", "first"), Put("tests/c/place", "3"), Put("tests/c/place", "", "p4"), Put("tests/c/scenario", "gone"), Put("canvas/workflow", "elsewhere")]);
        Assert.Equal(["a", "b"], sheet.Rows.Select(r => r.Id));
        Assert.Equal("gone", Assert.Single(sheet.Removed).Text("scenario"));
    }

    [Fact]
    public void ARow_TakenOutByOneAndMovedByAnother_Stays()
    {
        var sheet = Worksheet.Of("tests", [Put("tests/a/place", "1"), Put("tests/a/place", "", "p1"), Put("tests/a/place", "5", "p1")]);
        Assert.Equal("5", Assert.Single(sheet.Rows).Place);
        Assert.Empty(sheet.Contested);
    }

    [Fact]
    public void Canvas_SaysWhatIsMissingAndWhere()
    {
        var lines = SheetChecks.Canvas(Worksheet.Of("canvas", Array.Empty<Patch>()));
        Assert.Equal("canvas/workflow", lines[0].Field);
        Assert.False(lines[0].Met);
        Assert.Equal("canvas/out_of_bounds", lines[1].Field);
        var full = Worksheet.Of("canvas", WorksheetSpecs.Canvas.Fields.Select(f => Put("canvas/" + f.Name, f.Example)));
        Assert.All(SheetChecks.Canvas(full), l => Assert.True(l.Met, l.Text + ": " + l.Evidence));
    }

    [Fact]
    public void EveryExample_IsWhatItsFieldAsksFor() => Assert.All(WorksheetSpecs.All.SelectMany(s => s.Fields), f => Assert.True(f.IsFilled(f.Example), $"{f.Title}: {f.Problem(f.Example)}"));

    [Fact]
    public void ATopScenario_ThatFailedWithoutMitigation_IsOpen_UntilItBlocks()
    {
        Patch[] row = [Put("tests/a/place", "1"), .. WorksheetSpecs.Tests.Fields.Where(f => f.Name is not ("mitigation" or "blocker")).Select(f => Put("tests/a/" + f.Name, f.Example))];
        var open = SheetChecks.Tests(Worksheet.Of("tests", row)).Single(l => l.Id == "tests-answered");
        Assert.Equal((false, "tests/a/result"), (open.Met, open.Field));
        var blocked = Worksheet.Of("tests", [.. row, Put("tests/a/blocker", "yes")]);
        Assert.True(SheetChecks.Tests(blocked).All(l => l.Met));
        Assert.False(SheetChecks.Blockers(blocked).Met);
    }

    [Fact]
    public void AWaivedCriterion_NeedsItsReason()
    {
        Patch[] row = [Put("checklist/a/place", "1"), Put("checklist/a/criterion", "caps"), Put("checklist/a/owner", "role:engineering_owner"), Put("checklist/a/state", "waived")];
        Assert.Equal("checklist/a/reason", SheetChecks.Checklist(Worksheet.Of("checklist", row))[0].Field);
        var waived = SheetChecks.Checklist(Worksheet.Of("checklist", [.. row, Put("checklist/a/reason", "read-only")]))[0];
        Assert.Equal((true, "1 criterion, waived: “caps”"), (waived.Met, waived.Evidence));
    }

    [Fact]
    public void AMetCriterion_NeedsItsOwnerAndALinkToItsEvidence_AndStandsOnce()
    {
        Patch[] row = [Put("checklist/a/place", "1"), Put("checklist/a/criterion", "caps"), Put("checklist/a/state", "met")];
        Assert.Equal("checklist/a/owner", Line([]).Field);
        Assert.Equal("checklist/a/evidence", Line([Put("checklist/a/owner", "role:engineering_owner")]).Field);
        Assert.False(Line([Put("checklist/a/owner", "role:engineering_owner"), Put("checklist/a/evidence", "javascript:alert(1)")]).Met);
        Patch[] whole = [Put("checklist/a/owner", "role:engineering_owner"), Put("checklist/a/evidence", "https://example.com/caps")];
        Assert.True(Line(whole).Met);
        Assert.False(SheetChecks.Checklist(Worksheet.Of("checklist", [.. row, .. whole, Put("checklist/a/state", "not_met")])).All(l => l.Met));

        CheckLine Line(Patch[] more) => SheetChecks.Checklist(Worksheet.Of("checklist", [.. row, .. more]))[0];
    }

    [Fact]
    public void TheDeputy_IsSomebodyElse()
    {
        var sheet = Worksheet.Of("escalation", [Put("escalation/a/place", "1"), Put("escalation/a/owner", "role:incident_owner"), Put("escalation/a/deputy", "role:incident_owner")]);
        Assert.False(SheetChecks.Escalation(sheet).Single(l => l.Id == "escalation-deputies").Met);
    }
}
