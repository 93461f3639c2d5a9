using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using OpsConsole.Core.Authority;
using OpsConsole.Http;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>Files out, files and pasted rows in: looked at before they are taken.</summary>
public sealed class MatrixFilesTests : BunitContext
{
    private MatrixDocument? _imported, _appended;

    public MatrixFilesTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    private IRenderedComponent<MatrixFiles> Render(MatrixDocument? draft = null, bool append = false) => Render<MatrixFiles>(p =>
    {
        p.Add(c => c.RolloutId, "rol_1").Add(c => c.Draft, draft ?? MatrixDocument.Empty).Add(c => c.OnImport, d => _imported = d);
        if (append) p.Add(c => c.OnAppend, d => _appended = d);
    });

    private static async Task PasteAsync(IRenderedComponent<MatrixFiles> page, string text)
    {
        await page.ClickAsync("Import a file or paste …");
        await page.InvokeAsync(() => page.Find("textarea").InputAsync(text));
    }

    [Fact]
    public void Links_LeadToTheFiles()
    {
        var page = Render();
        Assert.Equal(["json", "yaml", "csv"], page.FindAll("a[download]").Select(a => a.GetAttribute("href")!.Replace("/rollouts/rol_1/matrix/files/draft.", "")));
        var version = Render<MatrixFiles>(p => p.Add(c => c.RolloutId, "rol_1").Add(c => c.Version, 3));
        Assert.Equal("/rollouts/rol_1/matrix/files/3.json", version.Find("a[download]").GetAttribute("href"));
        Assert.DoesNotContain("Import", version.Markup);
    }

    [Fact]
    public async Task Paste_IsShownInWords_ThenTaken()
    {
        var page = Render();
        await PasteAsync(page, "action\twhen\toutcome\tapprovers\nrefund.create\tamount > 200\task\tleads\npayment.*\t\tnever\t\n");
        Assert.Contains("2 rules, 0 boundaries", page.Find("[role=status]").TextContent);
        Assert.Contains("R-1 — refund.create, where amount is over 200: needs one of the group leads", page.Find(".sentences").TextContent);
        await page.ClickAsync("Take these rows");
        Assert.Equal(["R-1", "R-2"], _imported!.Rules.Select(r => r.Id));
        Assert.Empty(page.FindAll("textarea"));
    }

    [Fact]
    public async Task Paste_WithProblems_NamesTheRows_AndTakesTheOthers()
    {
        var page = Render();
        await PasteAsync(page, "action\toutcome\nrefund.create\tperhaps\n<b>x</b>\tdeny\nmail.send\tdeny");
        Assert.Contains("1 rule, 0 boundaries", page.Find("[role=status]").TextContent);
        Assert.Contains("2 rows with problems", page.Find("[role=status]").TextContent);
        Assert.Equal(["Row 2, outcome:", "Row 3, action:"], page.FindAll(".problems b").Select(b => b.TextContent));
        await page.ClickAsync("Take these rows");
        Assert.Equal("mail.send", Assert.Single(_imported!.Rules).Action);
    }

    [Fact]
    public async Task Paste_WhatIsNoMatrix_SaysWhatToDo_AndNothingCanBeTaken()
    {
        var page = Render();
        await PasteAsync(page, "rules:\n  - id: R-1\n    action: x\n");
        Assert.Contains("Line 2: ", page.Find("[role=alert]").TextContent);
        Assert.True(page.Button("Take these rows").HasAttribute("disabled"));
        await page.InvokeAsync(() => page.Find("textarea").InputAsync("  "));
        Assert.Empty(page.FindAll("[role=alert]"));
        await page.InvokeAsync(() => page.Find("textarea").InputAsync("{\"default\":\"approve\",\"rules\":[]}"));
        Assert.True(page.Button("Take these rows").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Append_GetsFreeIds_AndTheDraftsDefaultStays()
    {
        var draft = new MatrixDocument { Default = DefaultOutcome.Approve, Rules = [new MatrixRule { Id = "R-4", Action = "x", Outcome = RuleOutcome.Deny }] };
        var page = Render(draft, append: true);
        await PasteAsync(page, "mail.send\tdeny\n");
        Assert.Contains("outcome", page.Find(".problems").TextContent);   // without headings the first column is the id
        await page.InvokeAsync(() => page.Find("textarea").InputAsync("action\toutcome\nmail.send\tdeny\n"));
        await page.ClickAsync("Add below");
        Assert.Equal(("R-5", DefaultOutcome.Approve), (Assert.Single(_appended!.Rules).Id, _appended.Default));
        await PasteAsync(page, "action\toutcome\nmail.send\tdeny\n");
        await page.ClickAsync("Replace all rows");
        Assert.Equal(("R-1", DefaultOutcome.Approve), (Assert.Single(_imported!.Rules).Id, _imported.Default));
    }

    [Fact]
    public async Task File_IsReadByItsName_AndRefusedWhenItIsNotText()
    {
        var page = Render();
        await page.ClickAsync("Import a file or paste …");
        Upload(page, "m.yaml", "rules:\n  - id: R-1\n    action: x\n    outcome: deny\n"u8.ToArray());
        page.WaitForAssertion(() => Assert.Contains("1 rule, 0 boundaries", page.Find("[role=status]").TextContent));
        Assert.Contains("outcome: deny", page.Find("textarea").GetAttribute("value"));
        Upload(page, "m.csv", [0xFF, 0xFE, 0x41, 0x00]);
        page.WaitForAssertion(() => Assert.Contains("UTF-8", page.Find("[role=alert]").TextContent));
        Upload(page, "m.csv", new byte[3_000_000]);
        page.WaitForAssertion(() => Assert.Contains("larger than 2 MB", page.Find("[role=alert]").TextContent));
    }

    [Theory]
    [InlineData(MatrixFormat.Json)]
    [InlineData(MatrixFormat.Yaml)]
    [InlineData(MatrixFormat.Csv)]
    public async Task File_OfAThousandRows_ComesBackAsItWas(MatrixFormat format)
    {
        var matrix = MatrixFormatTests.Long(1_000);
        var page = Render();
        await page.ClickAsync("Import a file or paste …");
        Upload(page, "m." + MatrixFormats.Extension(format), System.Text.Encoding.UTF8.GetBytes(MatrixFormats.Write(matrix, format)));
        page.WaitForAssertion(() => Assert.Contains("1,000 rules, 1 boundary", page.Find("[role=status]").TextContent), TimeSpan.FromSeconds(20));
        Assert.True((page.Find("textarea").GetAttribute("value") ?? "").Length <= 256 * 1024);   // an edit of a text sends all of it, and a circuit takes so much and no more
        await page.ClickAsync("Take these rows");
        Assert.Equal(MatrixJson.ToJson(matrix), MatrixJson.ToJson(_imported!));
    }

    private static void Upload(IRenderedComponent<MatrixFiles> page, string name, byte[] bytes) => page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromBinary(bytes, name));
}
