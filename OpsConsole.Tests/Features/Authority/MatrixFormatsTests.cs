using OpsConsole.Core.Authority;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Features.Authority;

public sealed class MatrixFormatsTests
{
    [Theory]
    [InlineData(MatrixFormat.Json)]
    [InlineData(MatrixFormat.Yaml)]
    [InlineData(MatrixFormat.Csv)]
    public void Write_AnyMatrix_IsReadBackExactly_AndWrittenTheSameAgain(MatrixFormat format) => MatrixGenerators.Holds(HostileMatrices.Document, doc =>
    {
        var text = MatrixFormats.Write(doc, format);
        var read = MatrixFormats.Read(text, format);
        Assert.True(read.Ok, read.Fault?.Message + "\n" + text);
        Assert.Equal(MatrixJson.ToJson(doc), MatrixJson.ToJson(read.Value));
        return MatrixFormats.Write(read.Value, format) == text && text.EndsWith('\n') && MatrixFormats.Guess(text) == format;
    }, 1_000);

    // What a spreadsheet would run never stands at the beginning of a cell, whatever it takes for a separator.
    [Fact]
    public void Write_Csv_NoCellIsAFormula() => MatrixGenerators.Holds(HostileMatrices.Document, doc =>
        CellsOf(MatrixFormats.Write(doc, MatrixFormat.Csv)).All(c => c.Length == 0 || !"=+-@\t\r＝＋－＠".Contains(c[0])), 1_000);

    // RFC 4180 by hand, so that the writer is not judged by its own reader.
    private static List<string> CellsOf(string csv)
    {
        List<string> cells = [];
        var (cell, quoted) = ("", false);
        for (var i = 0; i < csv.Length; i++)
        {
            if (csv[i] == '"' && quoted && i + 1 < csv.Length && csv[i + 1] == '"') cell += csv[i++];
            else if (csv[i] == '"') quoted = !quoted;
            else if (!quoted && csv[i] is ',' or '\n' && !quoted) { cells.Add(cell); cell = ""; }
            else cell += csv[i];
        }
        return cells;
    }

    private static MatrixDocument Sample => new()
    {
        Boundaries = [new Boundary { Action = "payment.*", Reason = "out of bounds in v1" }],
        Rules =
        [
            new MatrixRule { Id = "R-1", Action = "refund.create", Outcome = RuleOutcome.Approve, Approvers = ["group:leads", "user:dana@example.com"], Sla = TimeSpan.FromMinutes(15), Reversible = true, Note = "=HYPERLINK(\"x\")", When = ConditionText.Parse("amount > 200; currency in EUR, USD").Value },
            new MatrixRule { Id = "R-2", Action = "order.get", Outcome = RuleOutcome.Allow, Effect = Effect.Read, Consequence = Consequence.Low },
        ],
    };

    [Fact]
    public void Write_Csv_IsOneLineARow()
    {
        var csv = MatrixFormats.Write(Sample, MatrixFormat.Csv);
        Assert.Equal("""
            kind,id,action,resource_type,resource_id,when,outcome,approvers,effect,consequence,classes,reversible,exceptions,quorum,order,sla,on_expiry,escalate_to,window,confirm,claim,hold,valid_for,note,reason
            default,,,,,,deny,,,,,,,,,,,,,,,,,,
            boundary,,payment.*,,,,,,,,,,,,,,,,,,,,,,out of bounds in v1
            rule,R-1,refund.create,,,"amount > 200; currency in (""EUR"", ""USD"")",approve,"group:leads, user:dana@example.com",write,high,,yes,,,,PT15M,,,,,,,,"'=HYPERLINK(""x"")",
            rule,R-2,order.get,,,,allow,,read,low,,no,,,,,,,,,,,,,

            """.ReplaceLineEndings("\n"), csv);
        var german = csv.Replace("out of bounds in v1", "out of bounds").Replace("\"amount > 200; currency in (\"\"EUR\"\", \"\"USD\"\")\"", "amount > 200").Replace("group:leads, user", "group:leads| user").Replace(',', ';').Replace('|', ',').ReplaceLineEndings("\r\n");
        Assert.Equal(["group:leads", "user:dana@example.com"], MatrixFormats.Read("\uFEFF" + german, MatrixFormat.Csv).Value.Rules[0].Approvers);
    }

    [Fact]
    public void Write_JsonAndYaml_AChangeOfARowIsAChangeOfALine()
    {
        foreach (var format in (MatrixFormat[])[MatrixFormat.Json, MatrixFormat.Yaml, MatrixFormat.Csv])
        {
            var before = MatrixFormats.Write(Sample, format).Split('\n');
            var after = MatrixFormats.Write(Sample with { Rules = [Sample.Rules[0] with { Sla = TimeSpan.FromMinutes(30) }, Sample.Rules[1]] }, format).Split('\n');
            Assert.Equal(before.Length, after.Length);
            Assert.Single(before.Zip(after), l => l.First != l.Second);
        }
    }

    [Theory]
    [InlineData(MatrixFormat.Yaml, "rules:\n  - id: R-1\n    action: x\n    outcome: deny\n    sla: soon\n", "Line 5: rules[0].sla must be a duration")]
    [InlineData(MatrixFormat.Yaml, "rules:\n  - id: R-1\n    action: x\n", "Line 2: rules[0].outcome is required")]
    [InlineData(MatrixFormat.Yaml, "default: deny\nrule: []\n", "Line 2: There is no field 'rule' here")]
    [InlineData(MatrixFormat.Yaml, "rules:\n  - id: R-1\n    id: R-2\n", "Line 3, column 5: the key \"id\" stands twice")]
    [InlineData(MatrixFormat.Csv, "action,outcome\nx,deny\ny,perhaps\nz,\n", "Row 3, outcome: 'perhaps' is not understood here; write one of: allow (the agent alone), approve (a person), deny. There are 1 more problems.")]
    [InlineData(MatrixFormat.Csv, "action,outcome\nx,\"deny\ny,deny\n", "Row 2: a quote stands inside a cell, or is never closed")]
    [InlineData(MatrixFormat.Csv, "action,outcome\nx\"y,deny\n", "Row 2: a quote stands inside a cell")]
    [InlineData(MatrixFormat.Json, "{\"rules\":[{\"id\":1}]}", "rules[0].id must be a text")]
    public void Read_WhatIsWrong_SaysWhere(MatrixFormat format, string text, string says) => Assert.StartsWith(says, MatrixFormats.Read(text, format).Fault?.Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\uFEFF {\"rules\":[]}", MatrixFormat.Json)]
    [InlineData("default: deny\n", MatrixFormat.Yaml)]
    [InlineData("# my matrix\nrules: []", MatrixFormat.Yaml)]
    [InlineData("action\toutcome\nx\tdeny", MatrixFormat.Csv)]
    [InlineData("default,deny", MatrixFormat.Csv)]
    [InlineData("refund.create; deny", MatrixFormat.Csv)]
    public void Guess_WhatItIs(string text, MatrixFormat format) => Assert.Equal(format, MatrixFormats.Guess(text));
}
