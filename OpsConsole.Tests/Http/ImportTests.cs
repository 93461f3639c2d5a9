using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Listing actions from documents, and the worked matrices, over the real program.</summary>
public sealed class ImportTests(ConsoleHost host) : IClassFixture<ConsoleHost>
{
    private const string Tools = """{"tools":[{"name":"refund.create","description":"Gives money back","inputSchema":{"type":"object"}},{"name":"order.get","annotations":{"readOnlyHint":true}},{"name":"Order.Get"},{"type":"web_search"}]}""";

    [Fact]
    public async Task Import_IsShownFirst_ThenListed_AndKeepsWhatPeopleSaid()
    {
        var path = $"/api/v1/rollouts/{await RolloutAsync()}/actions";
        var shown = await ImportAsync(path + "/import?dry_run=true", Tools);
        Assert.Equal(("tools", true, 2, 0, 1), (shown.GetProperty("kind").GetString(), shown.GetProperty("dry_run").GetBoolean(), shown.GetProperty("added").GetInt32(), shown.GetProperty("updated").GetInt32(), shown.GetProperty("left_out").GetInt32()));
        Assert.Equal(["new", "new", "clash"], shown.GetProperty("actions").EnumerateArray().Select(a => a.GetProperty("standing").GetString()));
        Assert.Contains("web_search", shown.GetProperty("notes")[0].GetString());
        Assert.Equal(0, (await GetAsync(host.Admin, path)).GetProperty("items").GetArrayLength());

        var listed = await ImportAsync(path + "/import", Tools);
        Assert.Equal((false, 2), (listed.GetProperty("dry_run").GetBoolean(), listed.GetProperty("added").GetInt32()));
        var items = (await GetAsync(host.Admin, path)).GetProperty("items");
        Assert.Equal([("order.get", "read", "low"), ("refund.create", "write", "high")], items.EnumerateArray().Select(a => (a.GetProperty("action").GetString()!, a.GetProperty("effect").GetString()!, a.GetProperty("consequence").GetString()!)));

        await SendAsync(host.Admin, HttpMethod.Put, path, JsonElement.Parse("""[{"action":"refund.create","description":"old","consequence":"low","owner":"group:leads"}]"""), 200);
        var again = await ImportAsync(path + "/import", Tools);
        Assert.Equal((1, 1), (again.GetProperty("added").GetInt32(), again.GetProperty("updated").GetInt32()));
        var kept = (await GetAsync(host.Admin, path)).GetProperty("items")[1];
        Assert.Equal(("Gives money back", "low", "group:leads", "object"), (kept.GetProperty("description").GetString(), kept.GetProperty("consequence").GetString(), kept.GetProperty("owner").GetString(), kept.GetProperty("arguments_schema").GetProperty("type").GetString()));
        var version = again.GetProperty("version").GetInt64();
        Assert.Equal(version, (await ImportAsync(path + "/import", Tools)).GetProperty("version").GetInt64());   // nothing to do is no change
    }

    [Fact]
    public async Task Import_TakesYaml_AndRefusesWhatItCannotRead()
    {
        var path = $"/api/v1/rollouts/{await RolloutAsync()}/actions/import";
        const string yaml = """
            openapi: 3.1
            paths:
              /orders/{id}:
                get:
                  operationId: order.get
                  parameters:
                    - { name: id, in: path, required: true, schema: { type: string } }
            """;
        var done = await ImportAsync(path, yaml, "application/yaml");
        Assert.Equal(("openapi", "order.get"), (done.GetProperty("kind").GetString(), done.GetProperty("actions")[0].GetProperty("entry").GetProperty("action").GetString()));
        Assert.Equal("import.unknown", (await ImportAsync(path, "{}", expect: 400)).GetProperty("code").GetString());
        Assert.Equal("body.malformed", (await ImportAsync(path, "a: [", "application/yaml", 400)).GetProperty("code").GetString());
        Assert.Equal("content_type", (await ImportAsync(path, "a,b", "text/csv", 400)).GetProperty("code").GetString());
        Assert.Equal("field.invalid", (await ImportAsync(path + "?dry_run=maybe", "[]", expect: 400)).GetProperty("code").GetString());
        await ImportAsync(path, "[\"" + new string('x', 300_000) + "\"]", expect: 413);
    }

    [Fact]
    public async Task Import_IsForWhoeverWritesTheCatalogue()
    {
        var id = await RolloutAsync();
        var (_, nan) = await host.PersonAsync($"nan-{Guid.NewGuid():N}@example.com", "member");
        await ImportAsync($"/api/v1/rollouts/{id}/actions/import", Tools, expect: 404, client: nan);
        var email = $"approver-{Guid.NewGuid():N}@example.com";
        var (_, approver) = await host.PersonAsync(email, "member");
        await PostAsync(host.Admin, $"/api/v1/rollouts/{id}/members", new { email, roles = new[] { "approver" } }, 201);
        await ImportAsync($"/api/v1/rollouts/{id}/actions/import?dry_run=true", Tools, expect: 403, client: approver);
    }

    [Fact]
    public async Task Matrices_ArePutInPlaceAsTheyCome()
    {
        var list = (await GetAsync(host.Admin, "/api/v1/matrices")).GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(["finance", "operations", "sales", "support"], list.Select(m => m.GetProperty("name").GetString()));
        var support = await GetAsync(host.Admin, "/api/v1/matrices/support");
        Assert.Equal(list[3].GetProperty("rules").GetInt32() + list[3].GetProperty("boundaries").GetInt32(), support.GetProperty("sentences").GetArrayLength());
        var path = $"/api/v1/rollouts/{await RolloutAsync()}";
        await SendAsync(host.Admin, HttpMethod.Put, path + "/actions", support.GetProperty("catalogue"), 200);
        using var put = new HttpRequestMessage(HttpMethod.Put, path + "/matrix") { Content = new StringContent(support.GetProperty("matrix").GetRawText(), Encoding.UTF8, "application/json") };
        put.Headers.TryAddWithoutValidation("If-Match", "*");
        using var saved = await host.Admin.SendAsync(put);
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync());
        using var cases = new HttpRequestMessage(HttpMethod.Put, path + "/matrix/examples") { Content = new StringContent(support.GetProperty("examples").GetRawText(), Encoding.UTF8, "application/json") };
        cases.Headers.TryAddWithoutValidation("If-Match", "\"e1\"");
        using var kept = await host.Admin.SendAsync(cases);
        Assert.Equal(list[3].GetProperty("examples").GetInt32(), JsonElement.Parse(await kept.Content.ReadAsStringAsync()).GetProperty("examples").GetInt32());
        var findings = await GetAsync(host.Admin, path + "/matrix/analysis");
        Assert.Empty(findings.GetProperty("warnings").EnumerateArray());
        Assert.All(findings.GetProperty("errors").EnumerateArray(), e => Assert.Equal("approver.unknown", e.GetProperty("code").GetString()));   // the placeholders
        await GetAsync(host.Admin, "/api/v1/matrices/legal", 404);
        await GetAsync(host.Nobody, "/api/v1/matrices", 401);
    }

    private async Task<string> RolloutAsync() => (await PostAsync(host.Admin, "/api/v1/rollouts", new { name = "Import " + Guid.NewGuid().ToString("N")[..8], purpose = "x", time_zone = "UTC" }, 201)).GetProperty("id").GetString()!;

    private async Task<JsonElement> ImportAsync(string path, string document, string type = "application/json", int expect = 200, HttpClient? client = null)
    {
        using var content = new StringContent(document, Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var answer = await (client ?? host.Admin).PostAsync(path, content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == expect, $"{path} answered {(int)answer.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }
}
