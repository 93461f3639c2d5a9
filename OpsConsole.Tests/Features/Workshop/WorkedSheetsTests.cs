using OpsConsole.Core.Worksheets;
using OpsConsole.Features.Authority;

namespace OpsConsole.Features.Workshop;

/// <summary>What worksheets can begin with is what their fields ask for.</summary>
public sealed class WorkedSheetsTests
{
    private static readonly string[] NotYet = ["tests-answered", "checklist"];   // tests are run and criteria met by the team

    public static TheoryData<string> Names => [.. WorkedSheets.All.Select(w => w.Name)];

    private static Worksheet Sheet(string id, IEnumerable<(FieldKey Field, string Text)> texts)
        => Worksheet.Of(id, texts.Select((t, i) => new Patch("rol_1", $"p{i}", t.Field, [], t.Text, "ada", DateTimeOffset.UnixEpoch.AddSeconds(i))));

    [Theory]
    [MemberData(nameof(Names))]
    public void Worked_EveryFieldIsWell_AndNoRequiredOneIsMissing(string name)
    {
        var worked = WorkedSheets.Find(name)!;
        foreach (var id in StartDesk.Filled)
        {
            var sheet = Sheet(id, worked.Texts);
            Assert.Empty(SheetChecks.Of(sheet).Where(l => !l.Met && !NotYet.Contains(l.Id)).Select(l => $"{l.Text}: {l.Evidence}"));
            if (id != "canvas") Assert.NotEmpty(sheet.Rows);
        }
        Assert.All(worked.Texts, t => Assert.True(WorksheetDesk.Known(t.Field.ToString()) is not null && t.Text.Length <= Patch.MaxLength, t.Field.ToString()));
        Assert.Equal(worked.Texts.Count, worked.Texts.DistinctBy(t => t.Field).Count());
    }

    [Fact]
    public void Worked_GoWithTheWorkedMatrices() => Assert.Equal(WorkedMatrices.All.Select(w => w.Name), WorkedSheets.All.Select(w => w.Name));

    [Theory]
    [InlineData("escalation", 3)]
    [InlineData("checklist", 14)]
    public void Start_NoFieldIsWrong_AndOnlyHowToReachSomebodyIsOpen(string id, int rows)
    {
        var sheet = Sheet(id, WorkedSheets.Texts(id, StartRows.Of(id)));
        Assert.Equal(rows, sheet.Rows.Count);
        var spec = WorksheetSpecs.Find(id)!;
        foreach (var row in sheet.Rows)
        {
            Assert.Empty(spec.Fields.Select(f => f.Problem(row.Text(f.Name))).OfType<string>());
            Assert.Equal(id == "escalation" ? ["path"] : [], spec.Fields.Where(f => f.Required && !row.Has(f.Name)).Select(f => f.Name));
        }
    }

    [Fact]
    public void InWords_OfChoices_AreTheirTitles() => Assert.Equal("pause the agent, notify the sponsor, unheard_of", WorksheetSpecs.Escalation.Field("actions")!.InWords("pause_agent, notify_sponsor,unheard_of"));
}
