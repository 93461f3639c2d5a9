using OpsConsole.Core.Worksheets;

namespace OpsConsole.Tests.Core.Worksheets;

public sealed class SheetCopyTests
{
    private int _patches;

    private Patch Put(string field, string value, params string[] over) => new("rol_1", $"p{++_patches}", FieldKey.Parse(field)!.Value, over, value, "ada", new DateTimeOffset(2026, 11, 21, 9, 0, _patches, TimeSpan.Zero));

    [Fact]
    public void Of_KeepsWhatStands_AndLeavesWhatWasTriedMetOrDecided()
    {
        Patch[] patches =
        [
            Put("canvas/workflow", "old"), Put("canvas/workflow", "Refunds", "p1"), Put("canvas/unit", "min"), Put("canvas/unit", "minutes"),
            Put("tests/a/place", "2"), Put("tests/a/scenario", "injection"), Put("tests/a/result", "failed"), Put("tests/a/seen", "it paid"), Put("tests/a/mitigation", "boundary"), Put("tests/a/blocker", "yes"), Put("tests/a/top", "yes"),
            Put("tests/b/place", "4"), Put("tests/b/place", "", "p12"), Put("tests/b/scenario", "taken out"), Put("tests/a/pattern", "text for an order"), Put("tests/a/reviewer", "role:risk_lead"),
            Put("checklist/a/place", "2"), Put("checklist/a/criterion", "caps"), Put("checklist/a/state", "met"), Put("checklist/a/evidence", "https://example.com"),
            Put("parking/a/place", "2"), Put("parking/a/text", "Italian?"), Put("decisions/a/place", "2"), Put("actions/a/place", "2"),
        ];
        Assert.Equal(
            ["canvas/workflow=Refunds", "canvas/unit=min", "tests/a/place=2", "tests/a/scenario=injection", "tests/a/result=not_run", "tests/a/top=yes", "checklist/a/place=2", "checklist/a/criterion=caps", "checklist/a/state=not_met"],
            SheetCopy.Of(patches).Select(t => $"{t.Field}={t.Text}"));
    }
}
