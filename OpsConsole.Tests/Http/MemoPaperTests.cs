using OpsConsole.Tests.Support;
using static OpsConsole.Http.MemoFixture;

namespace OpsConsole.Http;

/// <summary>A scale memo on paper: it says what the page says, with its charts, and looks as somebody looked at it.</summary>
public sealed class MemoPaperTests : IAsyncLifetime
{
    private MemoFixture _f = default!;

    public async Task InitializeAsync() => _f = await MemoFixture.BuildAsync(start: new DateTimeOffset(2040, 1, 18, 9, 5, 0, TimeSpan.Zero));   // a Wednesday, so that dates have the same width each time

    public async Task DisposeAsync() => await _f.Host.DisposeAsync();

    [Fact]
    public async Task Memo_OnPaper_SaysWhatWasSigned_WithItsCharts()
    {
        await _f.WeeksAsync(4, async week =>
        {
            if (week == 1) await ConsoleHost.SendAsync(_f.Admin, HttpMethod.Patch, _f.Path, new { thresholds = new { override_rate = 0.1 } }, 200);
        });
        var memo = await _f.MemoAsync();
        using (var open = await Printed.OfAsync(await _f.Owner.GetAsync($"{_f.Memos}/{Word(memo, "id")}/memo.pdf")))
        {
            var before = Squeezed(await open.ReadAsync());
            foreach (var words in (string[])["Before the sponsor", "Changed after the fact", "Signatures", "Executive sponsor"]) Assert.Contains(Squeezed(words), before, StringComparison.Ordinal);
        }
        await _f.DecideAsync(_f.Sam, memo, "approve", words: "The cycle was calm, and the way back is short.", acknowledge: ["override_rate=0.1"]);
        using var answer = await _f.Owner.GetAsync($"{_f.Memos}/{Word(memo, "id")}/memo.pdf");
        using var printed = await Printed.OfAsync(answer);
        await printed.CheckAsync();
        var text = Squeezed(await printed.ReadAsync());
        foreach (var words in (string[])[Ask, "Approved", "by sam", Word(memo, "sha256"), "5 % became 10 %", "Decision: approve", "The cycle was calm", "Approved knowing this", "0 of 8", "✓ inside", "2040-W03", "2040-W06", "Open holds on scaling", "the limit may be read wrongly", "Incidents per 1,000", "0.24 $ over the cycle", "Gate C is passed", "became executor for *", "Signed in the console"])
            Assert.True(text.Contains(Squeezed(words), StringComparison.Ordinal), words + " in " + text);
        Assert.Contains("Override rate", await printed.AlternativesAsync(), StringComparison.Ordinal);   // a chart, with what it says
        await PaperTests.CompareAsync(printed, "memo");
        await ConsoleHost.GetAsync(_f.Owner, $"{_f.Memos}/mem_none/memo.pdf", 404);
    }

    private static string Squeezed(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
}
