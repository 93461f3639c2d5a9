using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Features.Workshop.Ui;
using OpsConsole.Http;
using OpsConsole.Platform.Realtime;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Reviews.Ui;

/// <summary>The sections of a week's review over the real services; what their script does is tried in a browser.</summary>
public sealed class WeekSectionsTests : IAsyncLifetime
{
    private MemoFixture _f = default!;
    private string _week = "";

    public async Task InitializeAsync()
    {
        _f = await MemoFixture.BuildAsync();
        await _f.WeeksAsync(1, signLast: false);
        _week = MemoFixture.Word((await ConsoleHost.GetAsync(_f.Owner, _f.Path + "/reviews")).GetProperty("reviews")[0], "week");
    }

    public async Task DisposeAsync() => await _f.Host.DisposeAsync();

    private static SentPatch Sent(string id, string field, string value, params string[] over) => new(id, field, over, value);

    private static string Field(string section) => "review/" + section;

    private IRenderedComponent<WeekPage> Render(PageContext context)
    {
        context.ComponentFactories.AddStub<TrendChart>();   // Radzen measures the element it draws in
        return context.Render<WeekPage>(p => p.Add(c => c.Id, _f.Spine.Rollout).Add(c => c.Week, _week));
    }

    [Fact]
    public async Task Texts_AreShownToTheScriptOfEverybody_OnceEach()
    {
        await using var context = new PageContext(_f.Host, "owner@example.com");
        await using var others = new PageContext(_f.Host, ConsoleHost.AdminEmail);
        var (page, other) = (Render(context), Render(others));
        page.WaitForAssertion(() => Assert.Single(context.JSInterop.Invocations["attach"]));
        other.WaitForAssertion(() => Assert.Single(others.JSInterop.Invocations["attach"]));
        var sections = page.FindComponent<WeekSections>();
        await page.InvokeAsync(() => sections.Instance.Here(Field("next")));
        other.WaitForAssertion(() => Assert.Contains("owner", other.Find(".chip.here").TextContent));
        var before = others.JSInterop.Invocations["show"].Count;
        Assert.Null(Assert.Single(await page.InvokeAsync(() => sections.Instance.PatchAsync(sections.Instance.View.Id, [Sent("patch-001", Field("next"), "Dana asks the shop.")]))));
        // A page that could not read (a disk that is slow for long) looks again after some seconds, by the clock of its circuit.
        await Until.True(() =>
        {
            others.Time.Advance(TimeSpan.FromMilliseconds(10));
            return others.JSInterop.Invocations["show"].Count > before;
        }, "the text at the other page");
        Assert.Equal(before + 1, others.JSInterop.Invocations["show"].Count);
        Assert.Single((IEnumerable<object>)others.JSInterop.Invocations["show"][^1].Arguments[0]!);   // the one that is new, no other
        await page.InvokeAsync(() => sections.Instance.Here("canvas/workflow"));   // no section of it
        other.WaitForAssertion(() => Assert.Empty(other.FindAll(".chip.here")));
    }

    [Fact]
    public async Task ARefusedText_IsSaidBesideItsField_AndOneThatTheSignatureOvertook_StaysToBeRead()
    {
        await using var context = new PageContext(_f.Host, "owner@example.com");
        var page = Render(context);
        page.WaitForAssertion(() => Assert.Single(context.JSInterop.Invocations["attach"]));
        var sections = page.FindComponent<WeekSections>();
        var id = sections.Instance.View.Id;
        var answers = await page.InvokeAsync(() => sections.Instance.PatchAsync(id, [Sent("patch-001", Field("next"), "a"), Sent("patch-002", Field("quality"), "b", "patch-000")]));
        Assert.Null(answers[0]);
        Assert.Contains("No patch of this field", answers[1], StringComparison.Ordinal);
        Assert.Contains("Not kept", page.Find(".live-field [role=alert]").TextContent, StringComparison.Ordinal);
        await page.InvokeAsync(() => sections.Instance.TakenBack(id, Field("quality")));
        Assert.Empty(page.FindAll(".live-field [role=alert]"));

        await _f.SignWeekAsync();
        page.WaitForAssertion(() => Assert.Equal([true, false], context.JSInterop.Invocations["attach"].Select(i => (bool)i.Arguments[4]!)));   // it goes on, to send what this browser still keeps
        answers = await page.InvokeAsync(() => sections.Instance.PatchAsync(id, [Sent("patch-003", Field("next"), "Typed in the same moment")]));
        Assert.Contains("is signed", answers[0], StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Contains("Typed in the same moment", page.Find("section[aria-label='What we do next']").TextContent, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("textarea"));
    }

    [Fact]
    public async Task Leaving_EndsTheScript_AndTheSeat()
    {
        var room = "";
        await using (var context = new PageContext(_f.Host, "owner@example.com"))
        {
            var page = Render(context);
            page.WaitForAssertion(() => Assert.Single(context.JSInterop.Invocations["attach"]));
            room = WeeklyReviewDesk.PeopleTopic(page.FindComponent<WeekSections>().Instance.View.Id);
            Assert.Single(_f.Host.Services.GetRequiredService<Presence>().In(room));
        }
        await Until.True(() => _f.Host.Services.GetRequiredService<Presence>().In(room).Count == 0, "nobody sits there any more");
    }
}
