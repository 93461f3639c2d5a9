using System.Net;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Features.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>The matrix over the API in its three forms, and as a file for whoever is signed in.</summary>
public sealed class MatrixFormatTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private string _rollout = "";

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _rollout = (await Spine.BuildAsync(_host)).Rollout;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Path => $"/api/v1/rollouts/{_rollout}/matrix";

    private async Task<(HttpStatusCode Status, string? Media, string Body, string? ETag, string? File)> GetAsync(string path, params string[] accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var range in accept) request.Headers.TryAddWithoutValidation("Accept", range);
        using var response = await _host.Admin.SendAsync(request);
        return (response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync(), response.Headers.ETag?.ToString(), response.Content.Headers.ContentDisposition?.FileName?.Trim('"'));
    }

    private async Task<(HttpStatusCode Status, string Body, string? ETag)> PutAsync(string body, string? media, string? match = "*")
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, Path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        if (media is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", media);
        if (match is not null) request.Headers.TryAddWithoutValidation("If-Match", match);
        using var response = await _host.Admin.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.ETag?.ToString());
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("application/json; charset=utf-8", "*/*")]
    [InlineData("application/json; charset=utf-8", "text/html,application/xhtml+xml,*/*;q=0.8")]
    [InlineData("application/json; charset=utf-8", "application/yaml;q=0.5, application/json")]
    [InlineData("application/json; charset=utf-8", "not a media type")]
    [InlineData("application/yaml; charset=utf-8", "application/yaml, */*")]
    [InlineData("text/yaml; charset=utf-8", "text/yaml")]
    [InlineData("text/csv; charset=utf-8", "text/csv;q=0.9, text/html")]
    [InlineData("text/csv; charset=utf-8", "application/yaml;q=0", "text/csv")]
    public async Task Get_AnswersAsAccepted(string media, params string[] accept)
    {
        var plain = await GetAsync(Path, "application/json");
        var answer = await GetAsync(Path, accept);
        Assert.Equal((HttpStatusCode.OK, media, plain.ETag, null), (answer.Status, answer.Media, answer.ETag, answer.File));
        var format = MatrixFormats.OfMedia(media.Split(';')[0])!.Value;
        if (format == MatrixFormat.Json) Assert.Equal(plain.Body, answer.Body);
        Assert.Equal(plain.Body, MatrixJson.ToJson(MatrixFormats.Read(answer.Body, format).Value));
    }

    [Fact]
    public async Task Get_WhatNobodyHas_Is406_AndSaysWhatThereIs()
    {
        foreach (var path in (string[])[Path, Path + "/versions/1"])
        {
            var answer = await GetAsync(path, "application/pdf, application/json;q=0");
            Assert.Equal(HttpStatusCode.NotAcceptable, answer.Status);
            Assert.Contains("\"code\":\"accept.unknown\"", answer.Body);
            Assert.Contains("application/yaml", answer.Body);
        }
    }

    [Fact]
    public async Task Get_Download_HasASafeNameAndOneLinePerField()
    {
        var json = await GetAsync(Path + "?download=1");
        Assert.Equal("support-matrix-draft.json", json.File);
        Assert.Contains("\n      \"id\": \"R-1\",\n", json.Body);
        Assert.Equal("support-matrix-draft.csv", (await GetAsync(Path + "?download=1", "text/csv")).File);
        Assert.Equal("support-matrix-v1.yaml", (await GetAsync(Path + "/versions/1?download=1", "application/yaml")).File);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/rollouts/{_rollout}", new { name = "\"../../x\"; \r\n=é Größe" }, 200);
        Assert.Equal("x-gr-e-matrix-draft.json", (await GetAsync(Path + "?download=1")).File);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, $"/api/v1/rollouts/{_rollout}", new { name = "日本語" }, 200);
        Assert.Matches("^rol-[a-z0-9-]+-matrix-draft.json$", (await GetAsync(Path + "?download=1")).File!);
    }

    [Fact]
    public async Task Get_Version_IsTheMatrixAlone_InYamlAndCsv()
    {
        var whole = JsonElement.Parse((await GetAsync(Path + "/versions/1")).Body);
        Assert.Equal("test", whole.GetProperty("reason").GetString());
        foreach (var media in (string[])["application/yaml", "text/csv"])
        {
            var answer = await GetAsync(Path + "/versions/1", media);
            Assert.Equal(whole.GetProperty("matrix").GetRawText(), MatrixJson.ToJson(MatrixFormats.Read(answer.Body, MatrixFormats.OfMedia(media)!.Value).Value));
        }
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(Path + "/versions/9", "text/csv")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("/api/v1/rollouts/rol_ghost/matrix", "text/csv")).Status);
    }

    [Fact]
    public async Task Put_YamlAndCsv_IsSavedUnderTheSameRules()
    {
        var before = await GetAsync(Path);
        foreach (var (media, accept) in ((string, string)[])[("application/yaml", "application/yaml"), ("text/yaml; charset=utf-8", "text/yaml"), ("text/csv; header=present", "text/csv"), ("application/json", "application/json"), ("application/vnd.acme+json", "application/json")])
            Assert.True(await RoundTrip(media, accept));
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync("default: deny\n", "application/yaml", "\"v99\"")).Status);
        Assert.Equal(HttpStatusCode.PreconditionRequired, (await PutAsync("default: deny\n", "application/yaml", null)).Status);
        Assert.Equal(before.Body, (await GetAsync(Path)).Body);

        async Task<bool> RoundTrip(string media, string accept)
        {
            var now = await GetAsync(Path, accept);
            var put = await PutAsync(now.Body, media, now.ETag);
            Assert.True(put.Status == HttpStatusCode.OK, put.Body);
            Assert.Equal(now.ETag, put.ETag);   // the same again is no change
            return put.Body == before.Body;
        }
    }

    // About as long as a row gets in practice: two conditions, approvers, a note.
    internal static MatrixDocument Long(int rules) => new()
    {
        Boundaries = [new Boundary { Action = "payment.*", Reason = "out of bounds in v1" }],
        Rules = [.. Enumerable.Range(1, rules).Select(i => new MatrixRule
        {
            Id = $"R-{i}", Action = $"area{i % 40}.step{i}", Outcome = RuleOutcome.Approve, When = ConditionText.Parse($"amount between {i} and {i + 500}; currency in EUR, USD; any of lines.sku starts with \"A-{i}\"").Value, Approvers = ["group:leads", "user:dana@example.com"],
            Quorum = 2, Order = ApprovalOrder.Sequence, Sla = TimeSpan.FromMinutes(30), OnExpiry = OnExpiry.Escalate, EscalateTo = ["group:duty"], Classes = ["revenue"], Exceptions = ["vip", "legal hold"], Confirm = Confirm.Required, Claim = true,
            Note = $"Row {i}: what the \"finance\" team asked for; see the minutes of the second workshop, where this was decided by all of them.",
        })],
    };

    [Fact]
    public async Task Files_OfALongMatrix_GoOutAndComeBack()
    {
        var json = MatrixJson.ToJson(Long(350));
        var put = await PutAsync(json, "application/json");
        Assert.True(put.Status == HttpStatusCode.OK, put.Body);
        using var admin = await SignedInAsync(ConsoleHost.AdminEmail);
        foreach (var (file, media) in ((string, string)[])[("draft.json", "application/json"), ("draft.yaml", "application/yaml"), ("draft.csv", "text/csv")])
        {
            var text = await admin.Client.GetStringAsync($"/rollouts/{_rollout}/matrix/files/{file}");
            if (media == "application/json")
            {
                Assert.True(text.Length > 256 * 1024, $"{file} is too short to tell anything: {text.Length}");
                Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PutAsync(text, media)).Status);   // section N's limit for bodies; the page and the command line take the file
                continue;
            }
            var same = await PutAsync(text, media);
            Assert.True(same.Status == HttpStatusCode.OK, file + ": " + same.Body);
            Assert.Equal((json, put.ETag), (same.Body, same.ETag));
        }
    }

    // Kestrel keeps a megabyte of a body that nobody has read yet.
    [Fact]
    public async Task Put_AlmostTwoMegabytes_GoesThroughARealServer()
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        var rollout = (await Spine.BuildAsync(host)).Rollout;
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/rollouts/{rollout}/matrix") { Content = new StringContent("# " + new string('x', 2_000_000) + "\n" + MatrixFormats.Write(Long(1), MatrixFormat.Yaml), Encoding.UTF8, "application/yaml") };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var response = await host.Admin.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Put_WhatIsTooLarge_SaysHowMuchThereMayBe()
    {
        var before = (await GetAsync(Path)).ETag;
        foreach (var media in (string[])["application/json", "application/yaml", "text/csv"])
        {
            var put = await PutAsync(new string('x', 2 * 1024 * 1024 + 1), media);
            Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "body.too_large"), (put.Status, JsonElement.Parse(put.Body).GetProperty("code").GetString()));
            Assert.Contains(media == "application/json" ? "256 KB" : "2 MB", put.Body);
        }
        // It comes in, but as it is stored it would not.
        var wide = MatrixFormats.Write(new() { Rules = [.. Enumerable.Range(1, 1_000).Select(i => new MatrixRule { Id = $"R-{i}", Action = "x", Outcome = RuleOutcome.Deny, Exceptions = [.. Enumerable.Repeat("a", 150)] })] }, MatrixFormat.Yaml);
        Assert.InRange(wide.Length, 300_000, MatrixFormats.MaxBytes);
        var refused = await PutAsync(wide, "application/yaml");
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "matrix.too_large"), (refused.Status, JsonElement.Parse(refused.Body).GetProperty("code").GetString()));
        Assert.Equal(before, (await GetAsync(Path)).ETag);
    }

    [Theory]
    [InlineData("application/yaml", "rules:\n  - id: R-1\n    action: x\n", 400, "field.invalid", "Line 2: ")]
    [InlineData("application/yaml", "rules: &a []", 400, "body.malformed", "Line 1, column 8: anchors")]
    [InlineData("application/yaml", "", 400, "body.empty", "empty")]
    [InlineData("text/csv", ",,,,,\n", 400, "sheet.invalid", "no row of a matrix")]
    [InlineData("text/csv", "action,outcome\nrefund.create,perhaps\n", 400, "sheet.invalid", "Row 2, outcome: ")]
    [InlineData("text/csv", "action,outcome\nrefund.create,\"deny\n", 400, "sheet.malformed", "Row 2: ")]
    [InlineData("text/plain", "default: deny", 415, "content_type", "application/yaml or text/csv")]
    [InlineData("application/yaml; charset=iso-8859-1", "default: deny", 415, "content_type", "UTF-8")]
    [InlineData("nonsense", "default: deny", 415, "content_type", "Content-Type")]
    [InlineData(null, "{\"rules\":[]}", 400, "content_type", "application/json")]
    [InlineData("application/json", "default: deny", 400, "body.malformed", "not valid JSON")]
    public async Task Put_WhatCannotBeRead_SaysWhere(string? media, string body, int status, string code, string says)
    {
        var put = await PutAsync(body, media);
        Assert.True(status == (int)put.Status, put.Body);
        var problem = JsonElement.Parse(put.Body);
        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.Contains(says, problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Put_Faults_CarryTheirPlaceForScripts()
    {
        var csv = JsonElement.Parse((await PutAsync("action,outcome,sla\nx,perhaps,soon\n", "text/csv")).Body);
        Assert.Equal((2, 2, "outcome"), (csv.GetProperty("row").GetInt32(), csv.GetProperty("problems").GetArrayLength(), csv.GetProperty("problems")[0].GetProperty("column").GetString()));
        var yaml = JsonElement.Parse((await PutAsync("default: deny\nrules: {}\n", "application/yaml")).Body);
        Assert.Equal((2, 8, "rules"), (yaml.GetProperty("line").GetInt32(), yaml.GetProperty("column").GetInt32(), yaml.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task Page_Files_AreForWhoeverIsSignedIn()
    {
        using var nobody = await _host.Nobody.GetAsync($"/rollouts/{_rollout}/matrix/files/draft.yaml");
        Assert.Equal(HttpStatusCode.Redirect, nobody.StatusCode);
        using var admin = await SignedInAsync(ConsoleHost.AdminEmail);
        using var csv = await admin.Client.GetAsync($"/rollouts/{_rollout}/matrix/files/draft.csv");
        Assert.Equal(("text/csv", "support-matrix-draft.csv"), (csv.Content.Headers.ContentType?.MediaType, csv.Content.Headers.ContentDisposition?.FileName?.Trim('"')));
        var bytes = await csv.Content.ReadAsByteArrayAsync();
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        Assert.Equal((await GetAsync(Path)).Body, MatrixJson.ToJson(MatrixFormats.Read(MatrixFormats.Decode(bytes).Value, MatrixFormat.Csv).Value));
        Assert.StartsWith("default: deny\n", await admin.Client.GetStringAsync($"/rollouts/{_rollout}/matrix/files/1.yaml"), StringComparison.Ordinal);
        foreach (var name in (string[])["9.yaml", "draft.pdf", "other.json", "-1.json"])
        {
            using var missing = await admin.Client.GetAsync($"/rollouts/{_rollout}/matrix/files/{name}");
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }
        await _host.PersonAsync("stranger@example.com", "member");
        using var stranger = await SignedInAsync("stranger@example.com");
        using var hidden = await stranger.Client.GetAsync($"/rollouts/{_rollout}/matrix/files/draft.yaml");
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    private async Task<SignedIn> SignedInAsync(string email)
    {
        var browser = new SignedIn(_host.NewClient());
        using var answer = await browser.SignInAsync(email, _host.PasswordOf(email));
        return browser;
    }

    [Fact]
    public async Task OpenApi_SaysTheForms()
    {
        var paths = (await ConsoleHost.GetAsync(_host.Nobody, "/openapi/v1.json")).GetProperty("paths");
        foreach (var path in (string[])["/api/v1/rollouts/{id}/matrix", "/api/v1/rollouts/{id}/matrix/versions/{number}"])
            Assert.Equal(["application/json", "application/yaml", "text/csv"], paths.GetProperty(path).GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content").EnumerateObject().Select(c => c.Name).Order());
    }
}
