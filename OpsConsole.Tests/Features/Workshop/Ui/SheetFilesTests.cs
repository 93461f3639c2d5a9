using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Worksheets;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>The menu of a worksheet's files: what a file would change is shown, then taken over.</summary>
public sealed class SheetFilesTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private int? _taken;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, gates: "");
        await PutAsync(("parking/a/place", "2"), ("parking/a/text", "Italian?"), ("parking/b/place", "4"), ("parking/b/text", "Night shift?"));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private Task PutAsync(params (string Field, string Value)[] texts)
        => ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/patches", new { patches = texts.Select(t => new { id = Guid.NewGuid().ToString("N"), field = t.Field, value = t.Value }) });

    private async Task<Worksheet> NowAsync(string sheet) => (await _host.Services.GetRequiredService<WorksheetState>().NowAsync(_spine.Rollout, default)).Sheet(sheet);

    private IRenderedComponent<SheetFiles> Render(PageContext context, string sheet = "parking", bool mayWrite = true)
        => context.Render<SheetFiles>(p => p.Add(c => c.RolloutId, _spine.Rollout).Add(c => c.Spec, WorksheetSpecs.Find(sheet)!).Add(c => c.MayWrite, mayWrite).Add(c => c.OnTaken, n => _taken = n));

    private static void Upload(IRenderedComponent<SheetFiles> page, string name, string text) => page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(text, name));

    [Fact]
    public async Task Links_LeadToTheFiles_AndOnlyWritersBringOneBack()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, mayWrite: false);
        Assert.Equal(["parking.csv", "parking.md"], page.FindAll("a[download]").Select(a => a.GetAttribute("href")!.Replace($"/rollouts/{_spine.Rollout}/worksheets/files/", "")));
        Assert.Empty(page.FindAll("button, dialog"));
    }

    [Fact]
    public async Task AFile_IsShownFirst_ThenTakenOver()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.ClickAsync("Bring back a file…");
        Upload(page, "parking.csv", "id,text,where\r\na,Italian <b>and</b> French?,\r\n,Weekends?,Dana\r\n");
        page.WaitForAssertion(() => Assert.Contains("2 changes", page.Find("[role=status]").TextContent));
        Assert.Equal(["New: item “Weekends?”", "What, item 1"], page.FindAll(".changes li > p:first-child").Select(p => p.TextContent.Trim()));
        Assert.Contains($"now ({_host.Writer.State.Directory.ByEmail[ConsoleHost.AdminEmail].Name}): Italian?", page.Find(".old").TextContent);
        Assert.Contains("then: Italian <b>and</b> French?", page.FindAll(".new")[^1].TextContent);
        await page.InvokeAsync(() => page.Find("input[type=checkbox]").ChangeAsync(true));
        page.WaitForAssertion(() => Assert.Contains("Taken out: item 2 “Night shift?”", page.Find(".changes").TextContent));
        Assert.Equal(2, (await NowAsync("parking")).Rows.Count);
        await page.ClickAsync("Take over 3 changes");
        Assert.Equal(3, _taken);
        Assert.Equal(["Italian <b>and</b> French?", "Weekends?"], (await NowAsync("parking")).Rows.Select(r => r.Text("text")));
        Assert.Empty(page.FindAll(".dialog-body"));
    }

    [Fact]
    public async Task WhatSomebodyWritesMeanwhile_StandsBesideIt()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.ClickAsync("Bring back a file…");
        Upload(page, "parking.md", "## 1.\n<!-- row: a -->\n**What:** From the file\n");
        page.WaitForAssertion(() => Assert.Contains("1 change", page.Find("[role=status]").TextContent));
        var text = (await NowAsync("parking")).Rows[0].Fields["text"].Standing[0].Id;
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/patches", new { patches = new[] { new { id = "meanwhile-1", field = "parking/a/text", over = new[] { text }, value = "Meanwhile" } } });
        await page.ClickAsync("Take over 1 change");
        Assert.Equal(["Meanwhile", "From the file"], (await NowAsync("parking")).Rows[0].Fields["text"].Rivals.Select(p => p.Value));
    }

    [Fact]
    public async Task WhatCannotBeRead_IsSaid_AndNothingCanBeTaken()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.ClickAsync("Bring back a file…");
        foreach (var (name, file, says) in ((string, string, string)[])[("parking.csv", "id,colour\na,red\n", "Row 1: “Parking lot” has no column 'colour'"), ("parking.md", "# Launch canvas\n", "Line 1: This is the file of “Launch canvas”"), ("parking.xlsx", "x", ".csv or .md"), ("parking.csv", new string('x', 3_000_000), "larger than 2 MB")])
        {
            Upload(page, name, file);
            page.WaitForAssertion(() => Assert.Contains(says, page.Find("[role=alert]").TextContent));
            Assert.True(page.Button("Take over").HasAttribute("disabled"));
        }
        Upload(page, "parking.csv", "id,text\na,Italian?\n");
        page.WaitForAssertion(() => Assert.Contains("Nothing would change", page.Find("[role=status]").TextContent));
        Assert.True(page.Button("Take over").HasAttribute("disabled"));
    }

    [Fact]
    public async Task AnotherWorksheet_InTheSamePage_ForgetsTheFile()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.ClickAsync("Bring back a file…");
        Upload(page, "parking.csv", "id,text\na,x\n");
        page.WaitForAssertion(() => Assert.Contains("1 change", page.Find("[role=status]").TextContent));
        page.Render(p => p.Add(c => c.Spec, WorksheetSpecs.Canvas));
        Assert.Empty(page.FindAll(".dialog-body"));
        await page.ClickAsync("Bring back a file…");
        Upload(page, "canvas.csv", "field,text\ndirection,sideways\nunit,minutes\n");
        page.WaitForAssertion(() => Assert.Contains("Does not count yet: Choose one of: less, more.", page.Find(".changes").TextContent));
        Assert.Empty(page.FindAll("input[type=checkbox]"));
    }
}
