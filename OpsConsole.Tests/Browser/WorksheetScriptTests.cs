using Microsoft.Playwright;
using OpsConsole.Tests.Support;

namespace OpsConsole.Browser;

/// <summary>The script of the worksheets by itself: a page of two fields, and a console that answers as the test says.</summary>
[Collection(ChromiumTests.Name)]
public sealed class WorksheetScriptTests(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private const string Attach = """
        async (url) => {
          const { attach } = await import(url);
          document.body.innerHTML = '<div id="root"><input id="one" data-field="canvas/workflow"><input type="checkbox" data-field="esc/a/actions" data-item="pause"><input type="checkbox" data-field="esc/a/actions" data-item="notify"></div>';
          sessionStorage.clear();
          document.documentElement.dataset.connection = 'live';
          sessionStorage.setItem('worksheet:usr_other:rol_1:canvas/workflow', '{"over":[],"sent":null,"next":"somebody else\'s"}');
          window.sent = []; window.answer = null; window.during = () => {};
          window.script = attach(document.getElementById('root'), { invokeMethodAsync: async (name, rollout, batch) => {
            if (name !== 'PatchAsync') return;
            window.sent.push(...batch.map((patch) => ({ ...patch, rollout })));
            window.during(batch);
            return batch.map(() => window.answer);
          } }, 'rol_1', 'usr_1', true);
          window.script.show([{ field: 'canvas/workflow', texts: [] }, { field: 'esc/a/actions', texts: [{ id: 'p1', value: 'pause', mine: false }] }]);
        }
        """;

    private async Task<IPage> OpenAsync(IBrowserContext context)
    {
        var page = await context.NewPageAsync();
        await page.Clock.InstallAsync();
        await page.GotoAsync(_host.Url + "/account/sign-in");
        await page.EvaluateAsync(Attach, "/js/worksheet.js");
        return page;
    }

    private static Task<int> SentAsync(IPage page) => page.EvaluateAsync<int>("() => window.sent.length");

    [Fact]
    public async Task WhatIsRefusedForGood_IsSentOnce_UntilItIsTypedAnew()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenAsync(context);
        await page.EvaluateAsync("() => { window.answer = 'No.'; }");
        await page.FillAsync("#one", "first");
        await page.Clock.RunForAsync(60_000);
        Assert.Equal(1, await SentAsync(page));
        await page.EvaluateAsync("() => { window.answer = null; }");
        await page.FillAsync("#one", "second");
        await page.Clock.RunForAsync(60_000);
        Assert.Equal(2, await SentAsync(page));
        Assert.Equal("second", await page.EvaluateAsync<string>("() => window.sent[1].value"));
        Assert.Equal(0, await page.Locator("[data-unsent]").CountAsync());
    }

    [Fact]
    public async Task WhatMayHelpLater_IsSentAgain()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenAsync(context);
        await page.EvaluateAsync("() => { window.answer = 'again'; }");
        await page.FillAsync("#one", "first");
        await page.Clock.RunForAsync(10_000);
        Assert.InRange(await SentAsync(page), 3, 6);
    }

    [Fact]
    public async Task ATextThatCameWhileMineWasOnItsWay_IsNotForgotten_AndMineStaysBeforeMe_UntilILeaveTheField()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenAsync(context);
        // The console shows both texts before its answer comes.
        await page.EvaluateAsync("() => { window.during = ([mine]) => { window.script.show([{ field: 'canvas/workflow', texts: [{ id: 'rival', value: 'theirs', mine: false }, { id: mine.id, value: mine.value, mine: true }] }]); window.during = () => {}; }; }");
        await page.FillAsync("#one", "mine");
        await page.Clock.RunForAsync(5_000);
        Assert.Equal("mine", await page.InputValueAsync("#one"));
        await page.FillAsync("#one", "mine, longer");
        await page.Clock.RunForAsync(5_000);
        Assert.Equal([await page.EvaluateAsync<string>("() => window.sent[0].id")], await page.EvaluateAsync<string[]>("() => window.sent[1].over"));
        Assert.Equal("mine, longer", await page.InputValueAsync("#one"));
        await page.EvaluateAsync("() => document.activeElement.blur()");
        Assert.Equal("theirs", await page.InputValueAsync("#one"));
        Assert.Equal(2, await SentAsync(page));
    }

    [Fact]
    public async Task SomebodyGoesOverMyTextWhileIType_MineStaysUnderMyFingers_AndBothStand()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenAsync(context);
        await page.FillAsync("#one", "my first wor");
        await page.Clock.RunForAsync(1_000);
        await page.EvaluateAsync("() => window.script.show([{ field: 'canvas/workflow', texts: [{ id: 'theirs', value: 'my first wor and theirs', mine: false }] }])");
        Assert.Equal("my first wor", await page.InputValueAsync("#one"));
        await page.FillAsync("#one", "my first words");
        await page.Clock.RunForAsync(1_000);
        Assert.Equal([await page.EvaluateAsync<string>("() => window.sent[0].id")], await page.EvaluateAsync<string[]>("() => window.sent[1].over"));   // not over theirs, which I have not seen
        await page.EvaluateAsync("() => window.script.show([{ field: 'canvas/workflow', texts: [{ id: 'last', value: 'chosen', mine: false }] }])");
        Assert.Equal("my first words", await page.InputValueAsync("#one"));
        await page.Clock.RunForAsync(8_000);   // I have stopped: now I see what stands
        Assert.Equal("chosen", await page.InputValueAsync("#one"));
        Assert.Equal(2, await SentAsync(page));
    }

    [Fact]
    public async Task TypingWhereSeveralTextsStand_GoesOverTheOneISee_AndOverMyOwn_NotOverTheOthers()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenAsync(context);
        await page.EvaluateAsync("() => window.script.show([{ field: 'canvas/workflow', texts: [{ id: 'p1', value: 'first', mine: false }, { id: 'p2', value: 'second', mine: false }, { id: 'p3', value: 'third', mine: true }, { id: 'p4', value: 'first', mine: false }] }])");
        Assert.Equal("first", await page.InputValueAsync("#one"));
        await page.FillAsync("#one", "first, mended");
        await page.Clock.RunForAsync(5_000);
        Assert.Equal(["p1", "p3", "p4"], await page.EvaluateAsync<string[]>("() => window.sent[0].over"));
        await page.EvaluateAsync("() => document.activeElement.blur()");
        Assert.Equal("second", await page.InputValueAsync("#one"));
    }

    [Fact]
    public async Task WhoeverLeaves_BeforeThePause_LeavesNothingBehind()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenAsync(context);
        await page.EvaluateAsync("() => { window.during = () => { const one = document.getElementById('one'); one.value = 'first and second'; one.dispatchEvent(new Event('input', { bubbles: true })); window.during = () => {}; window.script.dispose().then(() => { window.left = true; }); }; }");
        await page.FillAsync("#one", "first");   // the second is typed while the first is on its way, and then they leave
        Assert.True(await page.EvaluateAsync<bool>("async () => (await import('/js/shell.js')).busy()"));
        await page.Clock.RunForAsync(400);
        await page.WaitForFunctionAsync("() => window.left");
        Assert.Equal(["first", "first and second"], await page.EvaluateAsync<string[]>("() => window.sent.map((patch) => patch.value)"));
        Assert.Equal(["rol_1", "rol_1"], await page.EvaluateAsync<string[]>("() => window.sent.map((patch) => patch.rollout)"));
        await page.FillAsync("#one", "nobody listens");
        await page.Clock.RunForAsync(5_000);
        Assert.Equal(2, await SentAsync(page));
    }

    [Fact]
    public async Task WhatSomebodyElseTypedInThisTab_IsNotMine_AndStaysTheirs()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenAsync(context);
        await page.Clock.RunForAsync(5_000);
        Assert.Equal(0, await SentAsync(page));
        Assert.Equal("", await page.InputValueAsync("#one"));
        Assert.NotNull(await page.EvaluateAsync<string?>("() => sessionStorage.getItem('worksheet:usr_other:rol_1:canvas/workflow')"));
    }

    [Fact]
    public async Task AFieldOfOneLine_HasNoLineBreaks_AndSaysWhatDidNotFit()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenAsync(context);
        await page.EvaluateAsync("""() => document.getElementById('root').insertAdjacentHTML('beforeend', '<div class="live-field"><textarea id="line" class="textarea line" maxlength="20" rows="1" data-field="canvas/unit"></textarea><p class="cut" hidden>Cut.</p></div>')""");
        await page.FocusAsync("#line");
        await page.Keyboard.TypeAsync("one");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.InsertTextAsync(" two\n three");
        Assert.Equal("one two three", await page.InputValueAsync("#line"));
        Assert.False(await page.Locator(".cut").IsVisibleAsync());
        await page.Keyboard.InsertTextAsync(" and much more than fits");
        Assert.True(await page.Locator(".cut").IsVisibleAsync());
        await page.Keyboard.PressAsync("Backspace");
        Assert.False(await page.Locator(".cut").IsVisibleAsync());
    }

    [Fact]
    public async Task TicksOfOneField_AreOneText()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenAsync(context);
        Assert.True(await page.Locator("[data-item=pause]").IsCheckedAsync());
        await page.Locator("[data-item=notify]").CheckAsync();
        await page.Clock.RunForAsync(5_000);
        Assert.Equal("pause, notify", await page.EvaluateAsync<string>("() => window.sent[0].value"));
        await page.EvaluateAsync("() => window.script.show([{ field: 'esc/a/actions', texts: [{ id: 'p2', value: 'notify', mine: false }] }])");
        Assert.False(await page.Locator("[data-item=pause]").IsCheckedAsync());
        Assert.True(await page.Locator("[data-item=notify]").IsCheckedAsync());
    }
}
