using Bunit;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Safeguards.Ui;

/// <summary>The Pause button of the top bar over the real services: what it stops is what agents feel.</summary>
public sealed class PauseMenuTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("Agent", "Pause agent", "Resume agent")]
    [InlineData("Support", "Pause rollout", "Resume rollout")]
    [InlineData("Everything", "Pause everything", "Resume everything")]
    public async Task Switch_WithAReason_StopsTheNextDecisionAndLetsItRunAgain(string name, string pause, string resume)
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var menu = context.Render<PauseMenu>();
        await menu.InvokeAsync(() => menu.Find(".pause-button").ClickAsync(new()));
        await menu.ClickAsync("Pause " + name);
        Assert.Contains("From the very next decision on", menu.Find(".dialog-body").TextContent);
        Assert.True(menu.Button(pause).HasAttribute("disabled"));   // nothing is stopped without a reason
        await menu.InvokeAsync(() => menu.Find("dialog textarea").InputAsync("looks odd"));
        await menu.ClickAsync(pause);
        Assert.Equal($"{name} is paused.", context.Said);
        var refused = await _spine.RefundAsync(10);
        Assert.Equal(("deny", "paused"), (Spine.Outcome(refused), Spine.Code(refused)));
        Assert.Contains("looks odd", refused.GetProperty("reasons")[0].GetProperty("message").GetString());

        menu.WaitForElement(".pause-button .count");
        await menu.InvokeAsync(() => menu.Find(".pause-button").ClickAsync(new()));
        Assert.Contains("looks odd", menu.Find(".switches").ParentElement!.TextContent);
        await menu.ClickAsync("Resume " + name);
        await menu.InvokeAsync(() => menu.Find("dialog textarea").InputAsync("it was a test"));
        await menu.ClickAsync(resume);
        Assert.Equal("allow", Spine.Outcome(await _spine.RefundAsync(11)));
        menu.WaitForState(() => menu.FindAll(".pause-button .count").Count == 0);
    }

    [Fact]
    public async Task Menu_ForAnApprover_IsNotThere()
    {
        await using var context = new PageContext(_host, "dana@example.com");
        Assert.Empty(context.Render<PauseMenu>().FindAll("button"));
    }

    [Fact]
    public async Task Menu_ForTheOwnerOfAnAgent_HoldsOnlyTheirOwnSwitch()
    {
        await using var context = new PageContext(_host, "owner@example.com");
        var menu = context.Render<PauseMenu>();
        await menu.InvokeAsync(() => menu.Find(".pause-button").ClickAsync(new()));
        Assert.Equal(["Pause Agent"], menu.FindAll(".switches button").Select(b => b.TextContent));
    }

    [Fact]
    public async Task Banner_OfAPause_SaysWhoAndWhyToEverybodyAndGoesWithIt()
    {
        await using var context = new PageContext(_host, "dana@example.com");
        var banner = context.Render<PauseBanner>();
        Assert.Empty(banner.FindAll(".banner"));
        await ConsoleHost.PostAsync(_host.Admin, "/api/v1/pause", new { reason = "looks odd" });
        Assert.Contains("Everything is paused", banner.WaitForElement(".banner").TextContent);
        Assert.Contains("looks odd", banner.Find(".banner").TextContent);
        Assert.Empty(banner.FindAll("button"));   // an approver may not resume
        await ConsoleHost.PostAsync(_host.Admin, "/api/v1/resume", new { reason = "fine" });
        context.Time.Advance(TimeSpan.FromSeconds(1));
        banner.WaitForState(() => banner.FindAll(".banner").Count == 0);
    }

    [Fact]
    public async Task Control_OfOneAgent_RefusesWhoLostTheRightMeanwhile()
    {
        var (id, _) = await _host.PersonAsync("chief@example.com", "admin");
        await using var context = new PageContext(_host, "chief@example.com");
        var control = context.Render<PauseControl>(p => p.Add(c => c.Target, PauseTarget.Agent).Add(c => c.Id, _spine.AgentId));
        await control.ClickAsync("Pause agent");
        await control.InvokeAsync(() => control.Find("dialog textarea").InputAsync("looks odd"));
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + id, new { roles = new[] { "member" } }, 200);
        await control.InvokeAsync(() => control.FindAll("dialog footer button")[1].ClickAsync(new()));
        Assert.NotEmpty(control.Find("dialog .validation-message").TextContent);
        Assert.Equal("allow", Spine.Outcome(await _spine.RefundAsync(10)));
    }
}
