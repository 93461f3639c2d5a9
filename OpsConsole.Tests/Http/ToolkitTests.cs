using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Features.Toolkit;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>The documents of a rollout: what they say, who may have them, that every export is on record. Printed by the real browser.</summary>
public sealed class ToolkitTests : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Team _team = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time, More = new Dictionary<string, string?> { ["OpsConsole:Toolkit:Confidentiality"] = "Only for \"us\" </style><script>" } });
        _team = await Team.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private async Task<string> HtmlAsync(string query = "") => await (await _team["mia"].GetAsync($"{_team.Path}/toolkit.html?{query}")).Content.ReadAsStringAsync();

    // Without the line that says who exported it, when.
    private static string Lasting(string html) => Regex.Replace(html, "<p class=\"export\">.*?</p>", "");

    [Fact]
    public async Task Html_SaysWhatTheRolloutSays_AndTheSameEachTime()
    {
        foreach (var sheet in (string[])["canvas", "escalation", "tests", "checklist"]) await _team.FillAsync(sheet);
        await _team.ConfirmAsync("rita", "boundary");
        var first = await HtmlAsync();
        foreach (var words in (string[])["Deleting anything", "A wrong answer reached a customer", "A mail asks the agent to ignore its rules", "Every agent has caps", "refund.create", "I looked at every line of it myself.", "rita", "Gate A · Scope"]) Assert.Contains(words, first, StringComparison.Ordinal);
        _time.Skip(TimeSpan.FromHours(5));
        var second = await HtmlAsync();
        Assert.NotEqual(first, second);
        Assert.Equal(Lasting(first), Lasting(second));
        Assert.DoesNotContain("I looked at every line", await HtmlAsync("blank=true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Html_OfHostileTexts_CarriesThemAsTexts()
    {
        await SendAsync(_host.Admin, HttpMethod.Patch, _team.Path, new { name = "Evil \u202Ename" }, 200);
        await _team.FillAsync("canvas", ("workflow", "</style><script>alert(1)</script><img src=x onerror=alert(2)>"), ("users", "\u202Eevil \u200Bword " + new string('w', 7_900)));
        var html = await HtmlAsync("documents=canvas");
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
        Assert.Single(Regex.Matches(html, "</style>"));
        Assert.Contains("&lt;/style&gt;&lt;script&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        using var page = await _team["mia"].GetAsync(_team.Path + "/toolkit.html");
        Assert.StartsWith("default-src 'none';", page.Headers.GetValues("Content-Security-Policy").Single());
    }

    [Fact]
    public async Task Pdf_IsTagged_HasAllWords_AndIsOnRecord()
    {
        await _team.FillAsync("canvas");
        using var answer = await _team["mia"].GetAsync(_team.Path + "/toolkit.pdf");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var pdf = await answer.Content.ReadAsByteArrayAsync();
        using (var printed = await Printed.OfAsync(answer))
        {
            var text = await printed.TextAsync();
            foreach (var words in (string[])["Launch canvas", "Deleting anything", "Orders of resellers", "Gate record", "1 of "]) Assert.Contains(words, text, StringComparison.Ordinal);
            Assert.Contains("Tagged:          yes", await printed.FactsAsync(), StringComparison.Ordinal);
            await printed.CheckAsync();
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(pdf));
        Assert.Equal(sha256, answer.Headers.GetValues("OpsConsole-Sha256").Single());
        var found = await GetAsync(_team["rita"], "/api/v1/toolkit/exports/" + sha256);
        Assert.Equal(("mia", "canvas,authority,checklist,escalation,tests,session,gates,incidents", 1), (found.GetProperty("by_name").GetString(), found.GetProperty("what").GetString(), found.GetProperty("matrix").GetInt32()));
        Assert.Contains(sha256, (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=toolkit.exported")).GetRawText(), StringComparison.Ordinal);
        // What is told is what the log says, whatever somebody wrote into the table.
        await _host.Writer.ChangeAsync<int>(async (scope, ct) => await scope.Db.ToolkitExports.ExecuteUpdateAsync(set => set.SetProperty(e => e.What, "gates").SetProperty(e => e.MatrixVersion, 99).SetProperty(e => e.By, "per_nobody"), ct));
        Assert.Equal(found.GetRawText(), (await GetAsync(_team["rita"], "/api/v1/toolkit/exports/" + sha256)).GetRawText());
        pdf[^20] ^= 1;
        await GetAsync(_team["rita"], "/api/v1/toolkit/exports/" + Convert.ToHexStringLower(SHA256.HashData(pdf)), 404);
        await GetAsync(_team["xeno"], "/api/v1/toolkit/exports/" + sha256, 404);
        Assert.Single((await GetAsync(_team["rita"], _team.Path + "/toolkit/exports")).EnumerateArray());
    }

    [Fact]
    public async Task Toolkit_IsForWhoSeesTheRollout()
    {
        foreach (var path in (string[])["/toolkit.pdf", "/toolkit.html", "/toolkit/exports"])
        {
            await GetAsync(_team["xeno"], _team.Path + path, 404);
            await GetAsync(_host.Nobody, _team.Path + path, 401);
            await GetAsync(_team.Spine.Agent, _team.Path + path, 403);
        }
        await GetAsync(_team["mia"], _team.Path + "/toolkit.pdf?documents=memo", 422);
        await GetAsync(_team["mia"], _team.Path + "/toolkit.pdf?documents=nothing", 400);
        await GetAsync(_team["mia"], _team.Path + "/toolkit.html?paper=a5", 400);
    }

    // A document shows what other scopes guard: a token needs each of them.
    [Theory]
    [InlineData("toolkit", false, false)]
    [InlineData("rollouts", false, false)]
    [InlineData("toolkit rollouts", true, false)]
    [InlineData("decisions approvals", false, false)]
    [InlineData("toolkit decisions", false, false)]
    [InlineData("toolkit approvals", false, false)]
    [InlineData("toolkit decisions approvals", false, true)]
    public async Task Toolkit_WithOneOfItsScopes_IsRefused(string scopes, bool documents, bool evidence)
    {
        const string Mia = "mia@example.com";
        var token = await PostAsync(_host.Nobody, "/api/v1/tokens", new { email = Mia, password = _host.PasswordOf(Mia), scopes = scopes.Split(' '), expires_in_days = 1 }, 201);
        var client = _host.As(token.GetProperty("token").GetString()!);
        await GetAsync(client, _team.Path + "/toolkit.pdf?documents=nothing", documents ? 400 : 403);
        await GetAsync(client, _team.Path + "/toolkit.html?documents=canvas", documents ? 200 : 403);
        await GetAsync(client, _team.Path + "/toolkit/exports", documents ? 200 : 403);
        await GetAsync(client, "/api/v1/decisions/dec_unknown/evidence.pdf", evidence ? 404 : 403);
    }

    [Fact]
    public async Task Evidence_OfADecision_IsForWhoSeesIt()
    {
        var decision = Spine.Id(await _team.Spine.RefundAsync(20));
        using var answer = await _team["mia"].GetAsync($"/api/v1/decisions/{decision}/evidence.pdf");
        Assert.Equal("application/pdf", answer.Content.Headers.ContentType!.MediaType);
        await GetAsync(_team["xeno"], $"/api/v1/decisions/{decision}/evidence.pdf", 404);
        await GetAsync(_host.Nobody, $"/api/v1/decisions/{decision}/evidence.pdf", 401);
    }

    // However they are started: one person has three prints and three previews under way, and others have their own.
    [Theory]
    [InlineData("/toolkit.pdf?documents=canvas", ToolkitWork.Print)]
    [InlineData("/toolkit.html?documents=canvas", ToolkitWork.Preview)]
    internal async Task Documents_MoreThanOnePersonMayHaveUnderWay_AreRefused(string path, ToolkitWork work)
    {
        var turns = _host.Services.GetRequiredService<ToolkitTurns>();
        var mia = new PersonCaller(_host.Writer.State.Directory.People[_team.People["mia"].Id], null, "session");
        var held = Enumerable.Range(0, ToolkitTurns.MostOfOne).Select(_ => turns.Take(mia, work).Value).ToList();
        using (var refused = await _team["mia"].GetAsync(_team.Path + path))
        {
            Assert.Equal((429, true), ((int)refused.StatusCode, refused.Headers.RetryAfter?.Delta > TimeSpan.Zero));
            Assert.Contains("\"toolkit.busy\"", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        if (work == ToolkitWork.Print)
        {
            await GetAsync(_team["mia"], $"/api/v1/decisions/{Spine.Id(await _team.Spine.RefundAsync(20))}/evidence.pdf", 429);
            Assert.Equal("toolkit.busy", _host.Services.GetRequiredService<ToolkitJobs>().Start(mia, _team.Spine.Rollout, ToolkitOrder.Read("canvas", null, null).Value).Fault!.Code);
        }
        await GetAsync(_team["rita"], _team.Path + path);
        held[0].Dispose();
        held[0].Dispose();   // gives back one, not two
        Assert.True(turns.Take(mia, work).Ok);
        Assert.Equal(FaultKind.TooMany, turns.Take(mia, work).Fault!.Kind);
    }

    // Twice one after the other: whatever came of the first, its turn is given back.
    [Fact]
    public async Task Documents_OneAfterTheOther_AreNotCounted()
    {
        for (var i = 0; i <= ToolkitTurns.MostOfOne; i++)
        {
            await GetAsync(_team["mia"], _team.Path + "/toolkit.html?documents=canvas");
            await GetAsync(_team["mia"], "/api/v1/decisions/dec_unknown/evidence.pdf", 404);
        }
    }
}
