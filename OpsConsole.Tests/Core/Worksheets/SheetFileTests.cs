using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Worksheets;

/// <summary>Worksheets as CSV and Markdown, and back.</summary>
public sealed class SheetFileTests
{
    // What a format might take for its own.
    private static readonly string[] Pieces =
    [
        "\n", "\n\n", "\r\n", "\r", " ", "  ", "\t", "#", "# ", "## Workflow", "## 1.", "**", "**Trigger:** ", "**Scenario:**", "<!-- row: a -->", "<b>", "</b>", "|", "`", "```", "~~~", "\\", "\\\n", "\\#", "&#10;", "&amp;", "&", "'", "''", "=1+1", "+", "-",
        "---", "- ", "===", "1. ", "12)", "_", "*", "[x](y)", "!", "\"", "\"\"", ",", ";", "id,scenario", "word", "ä", "漢", "😀", "\u0001", "\u0085", "\u2028", "\uFEFF", "\u00A0", "\u200D", "＝", "x_y", "https://a.example/?b_c=1&d=2",
    ];

    private static readonly Gen<string> Texts = Gen.Frequency(
        (6, from pieces in Gen.ArrayOf(Gen.Elements(Pieces), 6) from length in Gen.Choose(0, 6) select string.Concat(pieces.Take(length))),
        (1, from characters in Gen.ArrayOf(Gen.Choose(1, 0xFFFF), 20) select new string([.. characters.Select(c => (char)c).Where(c => !char.IsSurrogate(c))])));

    private static readonly Gen<(WorksheetSpec Spec, FileRow[] Rows)> Sheets =
        from spec in Gen.Elements(WorksheetSpecs.All.ToArray())
        from count in Gen.Choose(0, 3)
        from texts in Gen.ArrayOf(Texts, 3 * spec.Fields.Count)
        let rows = Enumerable.Range(0, spec.Row is null ? 1 : count).Select(r => new FileRow(spec.Row is null ? null : $"row-{r}", spec.Fields.Select((f, i) => (f.Name, Text: texts[r * spec.Fields.Count + i])).ToDictionary(f => f.Name, f => f.Text)))
        select (spec, rows.ToArray());

    private static bool Same(IReadOnlyList<FileRow> one, IReadOnlyList<FileRow> other) =>
        one.Count == other.Count && one.Zip(other).All(p => p.First.Id == p.Second.Id && p.First.Texts.Count == p.Second.Texts.Count && p.First.Texts.All(t => p.Second.Texts[t.Key] == t.Value));

    private static Fault Refused(Result<IReadOnlyList<FileRow>> read, int line)
    {
        Assert.False(read.Ok);
        Assert.Equal((FaultKind.Refused, line), (read.Fault!.Kind, ((IReadOnlyDictionary<string, object?>)read.Fault.Detail!)["line"]));
        return read.Fault;
    }

    [Fact]
    public void Csv_OfAnyTexts_IsReadBackExactly() => MatrixGenerators.Holds(Sheets, s => SheetCsv.Read(s.Spec, SheetCsv.Write(s.Spec, s.Rows)) is { Ok: true, Value: var read } && Same(s.Rows, read));

    [Fact]
    public void Markdown_OfAnyTexts_IsReadBackExactly() => MatrixGenerators.Holds(Sheets, s => SheetMarkdown.Read(s.Spec, SheetMarkdown.Write(s.Spec, s.Rows)) is { Ok: true, Value: var read } && Same(s.Rows, read), 5_000);

    [Fact]
    public void Markdown_SavedWithOtherLineBreaks_SaysTheSame() => MatrixGenerators.Holds(Sheets, s => SheetMarkdown.Read(s.Spec, "\uFEFF" + SheetMarkdown.Write(s.Spec, s.Rows).Replace("\n", "\r\n")) is { Ok: true, Value: var read } && Same(s.Rows, read));

    [Fact]
    public void Markdown_OfAnyTexts_HasNoHeadingButItsOwn() => MatrixGenerators.Holds(Sheets, s =>
    {
        var headings = SheetMarkdown.Write(s.Spec, s.Rows).Split('\n').Count(l => l.StartsWith('#'));
        return headings == 1 + (s.Spec.Row is null ? s.Spec.Fields.Count : s.Rows.Length);
    });

    [Fact]
    public void Titles_AreTakenForOneField_AndNeedNoEscaping() => Assert.All(WorksheetSpecs.All, spec =>
    {
        string[] all = [.. spec.Fields.SelectMany(f => (string[])[f.Name, f.Title]).Select(n => n.ToLowerInvariant())];
        foreach (var field in spec.Fields) Assert.DoesNotContain(spec.Fields, f => f != field && (f.Name.Equals(field.Title, StringComparison.OrdinalIgnoreCase) || f.Title == field.Title));
        Assert.DoesNotContain("id", all);
        Assert.All(spec.Fields, f => Assert.Matches(@"^[A-Za-z0-9 -]+\z", f.Title));
    });

    [Fact]
    public void Csv_OpensInASpreadsheet_AndRunsNothing()
    {
        var csv = SheetCsv.Write(WorksheetSpecs.Parking, [new("a", new Dictionary<string, string> { ["text"] = "=HYPERLINK(\"http://x\")", ["where"] = "two\nlines" })]);
        Assert.Equal("\uFEFFid,text,where\r\na,\"'=HYPERLINK(\"\"http://x\"\")\",\"two\nlines\"\r\n", csv);
    }

    [Fact]
    public void Markdown_IsForReading()
    {
        var rows = new FileRow[] { new("start-1", new Dictionary<string, string> { ["text"] = "Italian? *soon*", ["where"] = "# Dana\nasks | again" }), new("b", new Dictionary<string, string> { ["text"] = "" }) };
        Assert.Equal("""
            # Parking lot

            ## 1. Italian? \*soon\*

            <!-- row: start-1 -->

            **What:** Italian? \*soon\*

            **Where it goes:** \# Dana\
            asks \| again

            ## 2.

            <!-- row: b -->

            **What:**

            **Where it goes:**

            """, SheetMarkdown.Write(WorksheetSpecs.Parking, rows).Replace("\r", ""));
    }

    [Fact]
    public void Csv_AsSpreadsheetsSaveIt_IsUnderstood()
    {
        var rows = SheetCsv.Read(WorksheetSpecs.Parking, "Where it goes;ID;What;\r\n\"Dana; asks\";a;Italian?;\r\n;;;\r\n;;Night shift?;\r\n").Value;
        Assert.Equal([("a", "Italian?", "Dana; asks"), (null, "Night shift?", "")], rows.Select(r => (r.Id, r.Text("text"), r.Text("where"))));
        var partly = SheetCsv.Read(WorksheetSpecs.Parking, "id,text\na,x\n").Value[0];
        Assert.Equal(["text"], partly.Texts.Keys);
        Assert.Equal("45", SheetCsv.Read(WorksheetSpecs.Canvas, "text,field\n45,Target\n").Value[0].Text("target"));
    }

    [Theory]
    [InlineData("", 1, "headings: id, text, where")]
    [InlineData("id,text,colour\na,x,y\n", 1, "no column 'colour'. Known are: id, text, where")]
    [InlineData("id,text,What\na,x,y\n", 1, "'text' is there a second time")]
    [InlineData("id,text\na,\"one\ntwo\"\na,x\n", 4, "a second time")]
    [InlineData("id,text\nA/b,x\n", 2, "no id of a row")]
    [InlineData("id,text\na,x,y\n", 2, "column 3")]
    [InlineData("id,text\n\na,\"x\n", 3, "never closed")]
    [InlineData("id,text\na,x\0\n", 2, "U+0000")]
    public void Csv_WhatIsWrong_NamesItsLine(string csv, int line, string says) => Assert.Contains(says, Refused(SheetCsv.Read(WorksheetSpecs.Parking, csv), line).Message);

    [Theory]
    [InlineData("field,title\nworkflow,x\n", 1, "field and text")]
    [InlineData("field,text\nworkflow,x\nworkflow,y\n", 3, "“Workflow” is there a second time")]
    [InlineData("field,text\nnothing,x\n", 2, "no field 'nothing'. Known are: workflow, ")]
    [InlineData("id,text\na,x\n", 1, "no column 'id'")]
    public void Csv_OfFields_WhatIsWrong_NamesItsLine(string csv, int line, string says) => Assert.Contains(says, Refused(SheetCsv.Read(WorksheetSpecs.Canvas, csv), line).Message);

    [Theory]
    [InlineData("# Launch canvas\n", 1, "the file of “Launch canvas”")]
    [InlineData("# Parking lot\n\nHello\n", 3, "belongs to no field")]
    [InlineData("## 1. a\n**What:** x\n\n**Who:** y\n", 4, "no field “Who”")]
    [InlineData("**What:** x\n", 1, "before the first item")]
    [InlineData("<!-- row: a -->\n", 1, "before the first item")]
    [InlineData("## 1.\n**What:** x\n### More\n", 3, "no heading “### More”")]
    [InlineData("## 1.\n<!-- row: a -->\n## 2.\n<!-- row: a -->\n", 4, "a second time")]
    [InlineData("## 1.\n<!-- row: a -->\n<!-- row: b -->\n", 3, "two ids")]
    [InlineData("## 1.\n**What:** &#0;\n", 2, "U+0000")]
    [InlineData("## 1.\n**What:** x\n**What:** y\n", 3, "a second time")]
    public void Markdown_WhatIsWrong_NamesItsLine(string markdown, int line, string says) => Assert.Contains(says, Refused(SheetMarkdown.Read(WorksheetSpecs.Parking, markdown), line).Message);

    [Fact]
    public void Texts_LongerThanAFieldTakes_AreRefused()
    {
        Assert.Contains("longer than 8000", Refused(SheetMarkdown.Read(WorksheetSpecs.Canvas, "# Launch canvas\n\n## Workflow\n\n" + new string('x', 8_001) + "\n"), 3).Message);
        Assert.True(SheetMarkdown.Read(WorksheetSpecs.Canvas, "## Workflow\n" + new string('x', 8_000)).Ok);
    }

    [Fact]
    public void Markdown_TypedByHand_IsTakenAsItStands()
    {
        var rows = SheetMarkdown.Read(WorksheetSpecs.Parking, "## Something new\n\n**what:**   Ask *Dana* & Lee  \n\n\n- one\n  - two\n\n**Where it goes:**\n\n## 2.\n").Value;
        Assert.Equal((null, "Ask *Dana* & Lee\n\n\n- one\n  - two", ""), (Assert.Single(rows).Id, rows[0].Text("text"), rows[0].Text("where")));
    }
}
