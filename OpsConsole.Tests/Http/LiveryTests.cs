using OpsConsole.Tests.Support;
using Xunit;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>The team's look on its documents.</summary>
public sealed class LiveryTests : IAsyncLifetime
{
    private const string Svg = "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHdpZHRoPSI4MCIgaGVpZ2h0PSIzMCI+PHJlY3Qgd2lkdGg9IjgwIiBoZWlnaHQ9IjMwIiBmaWxsPSIjMjA0Ii8+PC9zdmc+";
    private ConsoleHost _host = default!;
    private Team _team = default!;

    private string Livery => _team.Path + "/toolkit/livery";

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _team = await Team.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private async Task<string> HtmlAsync() => await (await _team["mia"].GetAsync(_team.Path + "/toolkit.html?documents=canvas")).Content.ReadAsStringAsync();

    [Fact]
    public async Task Look_OfTheTeam_StandsOnItsDocuments_UntilItIsTakenBack()
    {
        var plain = await HtmlAsync();
        Assert.False((await GetAsync(_team["rita"], Livery)).GetProperty("own").GetBoolean());
        var set = await SendAsync(_team["rita"], HttpMethod.Put, Livery, new { accent = "#AA0044", confidentiality = "Only for the board; }</style>", logo = Svg }, 200);
        Assert.Equal(("#AA0044", Svg, true), (set.GetProperty("accent").GetString(), set.GetProperty("logo").GetString(), set.GetProperty("own").GetBoolean()));
        var html = await HtmlAsync();
        Assert.Contains("--accent: #AA0044", html, StringComparison.Ordinal);
        Assert.Contains($"<img class=\"logo\" src=\"{Svg}\"", System.Net.WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        Assert.Contains("Only for the board", html, StringComparison.Ordinal);
        Assert.Single(System.Text.RegularExpressions.Regex.Matches(html, "</style>"));
        Assert.Contains("toolkit.livery_set", (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=toolkit.livery_set")).GetRawText(), StringComparison.Ordinal);
        await SendAsync(_team["rita"], HttpMethod.Delete, Livery, null, 204);
        await SendAsync(_team["rita"], HttpMethod.Delete, Livery, null, 204);
        Assert.Equal(plain.Split("<p class=\"export\">")[0], (await HtmlAsync()).Split("<p class=\"export\">")[0]);
    }

    [Fact]
    public async Task Look_IsSetByThoseWhoEdit_AndOnlyToWhatPrints()
    {
        var fine = new { accent = "#112233", confidentiality = "", logo = (string?)null };
        await SendAsync(_team["mia"], HttpMethod.Put, Livery, fine, 403);
        await SendAsync(_team["xeno"], HttpMethod.Put, Livery, fine, 404);
        await SendAsync(_team["mia"], HttpMethod.Delete, Livery, null, 403);
        await SendAsync(_host.Nobody, HttpMethod.Put, Livery, fine, 401);
        Assert.False((await GetAsync(_team["mia"], Livery)).GetProperty("may_change").GetBoolean());
        foreach (object wrong in (object[])[new { accent = "red; }" }, new { accent = "#12345g" }, new { accent = "#112233", confidentiality = new string('c', 121) }, new { accent = "#112233", logo = "https://example.com/logo.png" },
            new { accent = "#112233", logo = "data:text/html;base64,PGI+aGk8L2I+" }, new { accent = "#112233", logo = "data:image/png;base64,not base64!" }]) await SendAsync(_team["rita"], HttpMethod.Put, Livery, wrong, 400);
        var seen = (await GetAsync(_team["rita"], Livery)).GetProperty("stamp").GetString();
        await SendAsync(_team["rita"], HttpMethod.Put, Livery, new { fine.accent, fine.confidentiality, fine.logo, seen }, 200);
        Assert.Equal("toolkit.livery_moved", (await SendAsync(_team["will"], HttpMethod.Put, Livery, new { accent = "#445566", fine.confidentiality, fine.logo, seen }, 409)).GetProperty("code").GetString());
        await SendAsync(_team["will"], HttpMethod.Put, Livery, new { accent = "#445566", confidentiality = "read \u202Ethis", logo = (string?)null }, 200);
        Assert.Equal("read ⟨U+202E⟩this", (await GetAsync(_team["rita"], Livery)).GetProperty("confidentiality").GetString());
    }
}
