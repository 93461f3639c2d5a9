using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals.Ui;

public sealed class OversightPageTests
{
    [Fact]
    public async Task Figures_AreSaidInWords_AndOfFewNotAtAll()
    {
        await using var host = await ConsoleHost.StartAsync();
        var spine = await Spine.BuildAsync(host);
        await using var context = new PageContext(host, "dana@example.com");
        await spine.DecideAsync(spine.Dana, await spine.RefundAsync(300, 202), new { verdict = "approve" });
        for (var i = 1; i < 4; i++) await SeenAsync();
        var page = context.Render<OversightPage>();
        page.WaitForAssertion(() => Assert.Equal("4", Cell("Approved")));
        Assert.Equal(("too few to say", "0", "too few to say (seen 3 of 20)"), (Cell("It took"), Cell("Rejected"), Cell("Haste")));
        Assert.Matches(@"^too few to say\s*seen 3 times, 1 by API$", Cell("Was on screen"));
        Assert.EndsWith("&verdict=approve", page.Find("td[data-label=Approved] a").GetAttribute("href"));

        await SeenAsync();
        await SeenAsync();
        page.Render();
        page.WaitForAssertion(() => Assert.Equal("100 % (6)", Cell("Approved")));
        Assert.Matches(@"^half within [\d.]+ s,\s*nine of ten within [\d.]+ s$", Cell("It took"));
        Assert.Matches(@"^half at most 8 s\s*seen 5 times, 1 by API$", Cell("Was on screen"));
        foreach (var word in (string[])["median", "p90"]) Assert.DoesNotContain(word, page.Markup);

        string Cell(string label) => page.Find($"td[data-label='{label}']").TextContent.Trim();

        async Task SeenAsync()
        {
            var asked = (await spine.RefundAsync(300, 202)).GetProperty("approval").GetProperty("id").GetString()!;
            var dana = new PersonCaller(host.Writer.State.Directory.ByEmail["dana@example.com"], null, "token");
            Assert.Null((await host.Services.GetRequiredService<ApprovalService>().DecideAsync(dana, asked, new VerdictRequest(Verdict.Approve, null, null, null, null) { Looked = TimeSpan.FromSeconds(8) })).Fault);
        }
    }
}
