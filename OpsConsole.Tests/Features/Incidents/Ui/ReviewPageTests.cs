using Bunit;
using OpsConsole.Http;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Incidents.Ui;

/// <summary>The pages of an incident and its review, with somebody else writing meanwhile.</summary>
public sealed class ReviewPageTests : IncidentFixture
{
    [Fact]
    public async Task Section_WrittenMeanwhile_IsShownBesideMine_AndReplacedOnlyWhenTold()
    {
        var id = await OpenAsync();
        await using var context = new PageContext(Host, ConsoleHost.AdminEmail);
        var page = context.Render<ReviewPage>(p => p.Add(c => c.Id, id));
        await Until.True(() => page.FindAll("#t-well").Count == 1, "the section");
        await page.InvokeAsync(() => page.Find("#t-well").FocusAsync(new()));
        await WriteAsync(id, "well", "Seen at once");
        await Until.True(async () => await TextAsync(id) == "Seen at once", "the other's words");
        await page.InvokeAsync(() => page.Find("#t-well").ChangeAsync(new() { Value = "Told at once" }));
        await Until.True(() => page.Markup.Contains("It says now:", StringComparison.Ordinal) && page.Markup.Contains("Seen at once", StringComparison.Ordinal), "what it says now");
        Assert.Equal(("Seen at once", "Told at once"), (await TextAsync(id), page.Find("#t-well").GetAttribute("value")));
        await page.ClickAsync("Put mine in its place: What went well");
        await Until.True(async () => await TextAsync(id) == "Told at once", "mine");
        await Until.True(() => !page.Markup.Contains("It says now:", StringComparison.Ordinal), "nothing is left to say");
    }

    [Fact]
    public async Task Merged_LeadsToTheOther_AndIsNotCorrected()
    {
        var (id, into) = (await OpenAsync(), await OpenAsync());
        await DoAsync(id, "merge", new { into });
        await using var context = new PageContext(Host, ConsoleHost.AdminEmail);
        var page = context.Render<IncidentPage>(p => p.Add(c => c.Id, id));
        await Until.True(() => page.FindAll($"a[href='/incidents/{into}']").Count == 1, "the way to the other");
        Assert.DoesNotContain("Correct what is said", page.Markup, StringComparison.Ordinal);
    }

    private async Task<string?> TextAsync(string id) => (await ReviewAsync(id)).GetProperty("sections").EnumerateArray().Single(s => Word(s, "key") == "well").GetProperty("text").GetString();
}
