using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Worksheets as files over HTTP: out, looked at, and back in.</summary>
public sealed class SheetFileTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await StartAsync();
        _spine = await Spine.BuildAsync(_host, gates: "");
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Sheets => $"/api/v1/rollouts/{_spine.Rollout}/worksheets";

    private static object Patch(string id, string field, string value, params string[] over) => new { id, field, over, value };

    private Task<JsonElement> SendAsync(HttpClient client, params object[] patches) => PostAsync(client, Sheets + "/patches", new { patches });

    private async Task<(HttpStatusCode Status, string? Media, string Body)> ExportAsync(HttpClient client, string sheet, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Sheets}/{sheet}");
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, response.Content.Headers.ContentType?.ToString(), Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync()));
    }

    private async Task<JsonElement> ImportAsync(HttpClient client, string sheet, string file, string query = "", int expect = 200, string? media = "text/csv")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(file));
        if (media is not null) content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        using var response = await client.PostAsync(new Uri($"{Sheets}/{sheet}/import{query}", UriKind.Relative), content);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(expect == (int)response.StatusCode, $"{(int)response.StatusCode}: {body}");
        return body.Length == 0 ? default : JsonElement.Parse(body);
    }

    private async Task<JsonElement> FieldAsync(string sheet, int row, string name) => (await GetAsync(_host.Admin, $"{Sheets}/{sheet}")).GetProperty("rows")[row].GetProperty("fields").EnumerateArray().Single(f => f.GetProperty("name").GetString() == name);

    private async Task<long> SequenceAsync(string sheet) => (await GetAsync(_host.Admin, $"{Sheets}/{sheet}")).GetProperty("sequence").GetInt64();

    [Theory]
    [InlineData(null, "application/json; charset=utf-8", "{")]
    [InlineData("*/*", "application/json; charset=utf-8", "{")]
    [InlineData("text/csv", "text/csv; charset=utf-8", "\uFEFFfield,title,text\r\nworkflow,Workflow,\r\n")]
    [InlineData("text/markdown, application/json;q=0.5", "text/markdown; charset=utf-8", "# Launch canvas\n\n## Workflow\n")]
    public async Task Get_AnswersAsAccepted(string? accept, string media, string begins)
    {
        var answer = await ExportAsync(_host.Admin, "canvas", accept);
        Assert.Equal((HttpStatusCode.OK, media), (answer.Status, answer.Media));
        Assert.StartsWith(begins, answer.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotAcceptable, (await ExportAsync(_host.Admin, "canvas", "image/png")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await ExportAsync(_host.Admin, "nothing", accept)).Status);
    }

    [Theory]
    [InlineData("text/csv")]
    [InlineData("text/markdown")]
    public async Task EverySheet_OfAWorkedExample_GoesOutAndComesBack_WithoutAChange_AndIntoAnotherRollout(string media)
    {
        await PostAsync(_host.Admin, Sheets + "/worked/support", null);
        await SendAsync(_host.Admin, Patch("patch-001", "canvas/users", "# not a heading\r\n\n| a | `b` |\n  **x:** <i>\\\n=1+1 "), Patch("patch-002", "parking/a/place", "2"), Patch("patch-003", "parking/a/text", "'=1"));
        var other = $"/api/v1/rollouts/{(await PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Other", purpose = "p", time_zone = "UTC" }, 201)).GetProperty("id").GetString()}/worksheets";
        foreach (var sheet in (string[])["canvas", "escalation", "tests", "checklist", "parking"])
        {
            var file = (await ExportAsync(_host.Admin, sheet, media)).Body;
            Assert.Equal(0, (await ImportAsync(_host.Admin, sheet, file, "?replace=true", media: media)).GetProperty("count").GetInt32());
            using var content = new StringContent(file, Encoding.UTF8, media);
            using var taken = await _host.Admin.PostAsync(new Uri($"{other}/{sheet}/import", UriKind.Relative), content);
            Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync());
            Assert.Equal(Texts(await GetAsync(_host.Admin, $"{Sheets}/{sheet}")), Texts(await GetAsync(_host.Admin, $"{other}/{sheet}")));
        }

        static string[] Texts(JsonElement sheet) => [.. sheet.GetProperty("rows").EnumerateArray().SelectMany(r => r.GetProperty("fields").EnumerateArray().Select(f => $"{r.GetProperty("id")}/{f.GetProperty("name")}: {f.GetProperty("value")}"))];
    }

    [Fact]
    public async Task Import_ChangesFieldsAndRows_AsPatchesOfWhoeverSentIt_AndAPreviewWritesNothing()
    {
        await SendAsync(_host.Admin, Patch("patch-001", "parking/a/place", "2"), Patch("patch-002", "parking/a/text", "Italian?"), Patch("patch-003", "parking/b/place", "4"), Patch("patch-004", "parking/b/text", "Night shift?"));
        const string file = "id,text\r\na,Italian and French?\r\n,Weekends?\r\n";
        var before = await SequenceAsync("parking");
        var preview = await ImportAsync(_spine.Owner, "parking", file, "?preview=true&replace=true");
        Assert.Equal((false, 3), (preview.GetProperty("taken").GetBoolean(), preview.GetProperty("count").GetInt32()));
        var changed = preview.GetProperty("changed")[0];
        Assert.Equal(("parking/a/text", "What", "item 1", "Italian?", "Italian and French?"), (changed.GetProperty("field").GetString(), changed.GetProperty("title").GetString(), changed.GetProperty("row").GetString(), changed.GetProperty("old").GetString(), changed.GetProperty("new").GetString()));
        Assert.Equal(("Weekends?", "b"), (preview.GetProperty("added")[0].GetProperty("text").GetString(), preview.GetProperty("removed")[0].GetProperty("id").GetString()));
        Assert.Equal(before, await SequenceAsync("parking"));

        Assert.Equal(2, (await ImportAsync(_spine.Owner, "parking", file)).GetProperty("count").GetInt32());
        var rows = (await GetAsync(_host.Admin, Sheets + "/parking")).GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("fields")[0].GetProperty("value").GetString());
        Assert.Equal(["Italian and French?", "Weekends?", "Night shift?"], rows);
        var standing = Assert.Single((await FieldAsync("parking", 0, "text")).GetProperty("standing").EnumerateArray());
        Assert.Equal("owner", standing.GetProperty("author").GetString());
        Assert.Equal(7, (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=worksheet.changed")).GetProperty("items").GetArrayLength());
        Assert.True((await ImportAsync(_spine.Owner, "parking", "id,text\r\na,Italian and French?\r\n", "?replace=true")).GetProperty("taken").GetBoolean());
        Assert.Equal(1, (await GetAsync(_host.Admin, Sheets + "/parking")).GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public async Task Import_IsOneEdit_ThatUndoTakesBack()
    {
        await SendAsync(_host.Admin, Patch("patch-001", "parking/a/place", "2"), Patch("patch-002", "parking/a/text", "Italian?"));
        await ImportAsync(_spine.Owner, "parking", "id,text,where\na,French?,Dana\n,Weekends?,\n");
        Assert.Equal(4, (await PostAsync(_spine.Owner, Sheets + "/undo", null)).GetProperty("fields").GetArrayLength());
        Assert.Equal("Italian?", (await FieldAsync("parking", 0, "text")).GetProperty("value").GetString());
        Assert.Equal(1, (await GetAsync(_host.Admin, Sheets + "/parking")).GetProperty("rows").GetArrayLength());
    }

    [Fact]
    public async Task Import_OfAFieldWithTwoTexts_LeavesTheOtherStanding()
    {
        await SendAsync(_host.Admin, Patch("patch-001", "canvas/workflow", "Refunds"));
        await SendAsync(_spine.Owner, Patch("patch-002", "canvas/workflow", "Returns"));
        Assert.Equal(0, (await ImportAsync(_host.Admin, "canvas", "field,text\nworkflow,Refunds\n")).GetProperty("count").GetInt32());
        var changed = (await ImportAsync(_host.Admin, "canvas", "field,text\nworkflow,Refunds in Austria\n")).GetProperty("changed")[0];
        Assert.Equal(1, changed.GetProperty("others").GetInt32());
        Assert.Equal(["Returns", "Refunds in Austria"], (await FieldAsync("canvas", 0, "workflow")).GetProperty("standing").EnumerateArray().Select(s => s.GetProperty("value").GetString()));
    }

    [Fact]
    public async Task TwoHundredRows_AreTakenAtOnce_AndOneMoreIsRefused()
    {
        var file = new StringBuilder("scenario,category,input,expected,seen,result,pattern,mitigation,top,blocker,reviewer\r\n");
        for (var i = 0; i < 200; i++) file.Append($"s{i},injection,\"in {i}\",out,seen,passed,p,m,yes,,role:red_team_reviewer\r\n");
        Assert.Equal("rows.full", (await ImportAsync(_host.Admin, "tests", file + "one more,,,,,,,,,,\r\n", expect: 422)).GetProperty("code").GetString());
        Assert.Equal(200, (await ImportAsync(_host.Admin, "tests", file.ToString())).GetProperty("count").GetInt32());
        Assert.Equal("s199", (await FieldAsync("tests", 199, "scenario")).GetProperty("value").GetString());
        Assert.Equal("rows.full", (await ImportAsync(_host.Admin, "tests", "scenario\r\none more\r\n", expect: 422)).GetProperty("code").GetString());
        Assert.Equal(200, (await ImportAsync(_host.Admin, "tests", file.ToString(), "?replace=true&preview=true")).GetProperty("removed").GetArrayLength());
    }

    [Theory]
    [InlineData("text/csv", "field,text\nworkflow,a\ncolour,b\n", "", 422, "sheet.invalid", 3)]
    [InlineData("text/csv", "field,text\nworkflow,\"a\n", "", 422, "sheet.malformed", 2)]
    [InlineData("text/markdown; charset=UTF-8", "# Launch canvas\n\n## Colour\n", "", 422, "sheet.invalid", 3)]
    [InlineData("text/plain", "x", "", 415, "content_type", 0)]
    [InlineData("text/csv; charset=iso-8859-1", "x", "", 415, "content_type", 0)]
    [InlineData(null, "x", "", 415, "content_type", 0)]
    [InlineData("text/csv", "field,text\n", "?preview=yes", 400, "field.invalid", 0)]
    public async Task Import_OfWhatIsWrong_SaysSo_AndTakesNothing(string? media, string file, string query, int status, string code, int line)
    {
        var refused = await ImportAsync(_host.Admin, "canvas", file, query, status, media);
        Assert.Equal(code, refused.GetProperty("code").GetString());
        if (line > 0) Assert.Equal(line, refused.GetProperty("line").GetInt32());
        Assert.Equal(0, await SequenceAsync("canvas"));
    }

    [Fact]
    public async Task Import_OfWhatIsTooLargeOrNoText_IsRefused()
    {
        Assert.Equal("body.too_large", (await ImportAsync(_host.Admin, "canvas", new string('x', 2 * 1024 * 1024 + 1), expect: 413)).GetProperty("code").GetString());
        using var content = new ByteArrayContent([0xFF, 0xFE, 0x41, 0x00]) { Headers = { ContentType = new("text/csv") } };
        using var response = await _host.Admin.PostAsync(new Uri($"{Sheets}/canvas/import", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("not_found", (await ImportAsync(_host.Admin, "nothing", "x", expect: 404)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task WhoIsNoMember_SeesNothingOfIt_AndWhoOnlyDecidesMayTakeItOutButNotBack()
    {
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        Assert.Equal(HttpStatusCode.NotFound, (await ExportAsync(stranger, "canvas", "text/csv")).Status);
        await ImportAsync(stranger, "canvas", "x", expect: 404);
        Assert.Equal(HttpStatusCode.OK, (await ExportAsync(_spine.Dana, "canvas", "text/csv")).Status);
        await ImportAsync(_spine.Dana, "canvas", "x", expect: 403);
        await ImportAsync(_spine.Dana, "canvas", "x", "?preview=true", expect: 403);
        await ImportAsync(_spine.Agent, "canvas", "x", expect: 403);
        await ImportAsync(_host.Nobody, "canvas", "x", expect: 401);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ExportAsync(_host.Nobody, "canvas", "text/csv")).Status);
    }

    [Fact]
    public async Task Page_Files_AreForWhoeverIsSignedIn()
    {
        var files = $"/rollouts/{_spine.Rollout}/worksheets/files";
        using var nobody = await _host.Nobody.GetAsync(files + "/canvas.csv");
        Assert.Equal(HttpStatusCode.Redirect, nobody.StatusCode);
        using var admin = await SignedInAsync(AdminEmail);
        using var csv = await admin.Client.GetAsync(files + "/escalation.csv");
        Assert.Equal(("text/csv", "support-escalation.csv"), (csv.Content.Headers.ContentType?.MediaType, csv.Content.Headers.ContentDisposition?.FileName?.Trim('"')));
        Assert.Equal([0xEF, 0xBB, 0xBF], (await csv.Content.ReadAsByteArrayAsync())[..3]);
        Assert.StartsWith("# Launch canvas\n", await admin.Client.GetStringAsync(files + "/canvas.md"), StringComparison.Ordinal);
        foreach (var name in (string[])["canvas.pdf", "nothing.csv", "canvas.tsv"])
        {
            using var missing = await admin.Client.GetAsync($"{files}/{name}");
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }
        await _host.PersonAsync("stranger@example.com", "member");
        using var stranger = await SignedInAsync("stranger@example.com");
        using var hidden = await stranger.Client.GetAsync(files + "/canvas.csv");
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    private async Task<SignedIn> SignedInAsync(string email)
    {
        var browser = new SignedIn(_host.NewClient());
        using var answer = await browser.SignInAsync(email, _host.PasswordOf(email));
        return browser;
    }
}
