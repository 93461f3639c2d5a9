using OpsConsole.Core.Worksheets;

namespace OpsConsole.Tests.Core.Worksheets;

/// <summary>What a file would change.</summary>
public sealed class SheetDifferenceTests
{
    private static Patch Put(string field, string value) => new("rol_1", $"p-{field}-{value}", FieldKey.Parse(field)!.Value, [], value, "ada", DateTimeOffset.UnixEpoch);

    private static readonly Worksheet Now = Worksheet.Of("parking", [Put("parking/a/place", "2"), Put("parking/a/text", "one\ntwo"), Put("parking/b/place", "4"), Put("parking/b/text", "b"), Put("parking/gone/place", ""), Put("parking/gone/text", "g")]);

    private static FileRow Row(string? id, string text) => new(id, new Dictionary<string, string> { ["text"] = text });

    private static SheetDifference Of(bool replace, params FileRow[] rows)
    {
        var n = 0;
        return SheetDifference.Of(WorksheetSpecs.Parking, Now, rows, replace, () => $"new-{++n}");
    }

    [Fact]
    public void TheSame_IsNoChange_AlsoWithTheLineBreaksOfASpreadsheet() => Assert.Equal(0, Of(true, Row("b", "b"), Row("a", "one\r\ntwo")).Count);

    [Fact]
    public void Rows_ThatTheFileDoesNotHave_Stay_UnlessItReplacesTheSheet()
    {
        Assert.Equal(0, Of(false, Row("a", "one\ntwo")).Count);
        var replaced = Of(true, Row("a", "one\ntwo"));
        Assert.Equal(("b", ""), (Assert.Single(replaced.Removed).Row, replaced.Removed[0].Fields[0].Text));
    }

    [Fact]
    public void Rows_WithoutAnId_ComeWhereTheFileHasThem()
    {
        var added = Of(false, Row(null, "first"), Row("a", "one\ntwo"), Row(null, "second"), Row(null, "third"), Row("b", "b"), Row(null, "last")).Added;
        string[] places = [.. added.Select(r => r.Fields[0].Text)];
        Assert.Equal(["new-1", "new-2", "new-3", "new-4"], added.Select(r => r.Row));
        Assert.Equal([places[0], "2", places[1], places[2], "4", places[3]], places.Concat(["2", "4"]).Order(StringComparer.Ordinal));
        Assert.All(places, p => Assert.True(RowPlace.IsOne(p)));
    }

    [Fact]
    public void TwoHundredNewRows_InFrontOfOne_HavePlacesThatAreAllowed() => Assert.All(Of(false, [.. Enumerable.Range(0, 198).Select(i => Row(null, $"text {i}")), Row("a", "x"), Row("b", "b")]).Added, r => Assert.True(RowPlace.IsOne(r.Fields[0].Text)));

    [Fact]
    public void Rows_ThatWereTakenOut_ComeBack_AndUnknownOnesComeWithTheirId()
    {
        var added = Of(false, Row("gone", "g2"), Row("other", "o")).Added;
        Assert.Equal([("gone", true), ("other", false)], added.Select(r => (r.Row, r.IsBack)));
        Assert.Equal("g2", added[0].Fields[1].Text);
    }

    [Fact]
    public void Fields_ThatTheFileDoesNotHave_StayAsTheyAre()
    {
        var change = Assert.Single(Of(false, Row("a", "x")).Changed);
        Assert.Equal(("parking/a/text", "one\ntwo", "x"), (change.Field.ToString(), change.Was.Value, change.Text));
    }
}
