using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;

namespace OpsConsole.Bench;

/// <summary>A rollout that a team has worked on: every worksheet written, a matrix of 31 rules in force, three gates passed. Filled through the API of the real program.</summary>
/// <param name="Folder">The database, and what the console and its browsers keep for a moment.</param>
internal sealed record ToolkitSubject(string Folder, string Browser, Seed Seed)
{
    private const int Rules = 30, PatchesAtOnce = 200;
    private static readonly (string Sheet, int Rows)[] Rows = [("escalation", 12), ("tests", 20), ("checklist", 20), ("parking", 5), ("decisions", 8), ("actions", 8)];

    /// <summary>Of its toolkit, without the ending.</summary>
    public string Path => $"/api/v1/rollouts/{Seed.RolloutId}/toolkit";

    public Task<ConsoleProcess> StartAsync() => ConsoleProcess.StartAsync(Folder, Seed.Token, Folder, "--OpsConsole:Toolkit:Browser=" + Browser, "--OpsConsole:Limits:DecisionsPerSecond=1000000", "--OpsConsole:Limits:CallsPerSecond=1000000");

    public HttpClient Person(ConsoleProcess console) => Person(console, Seed.Token);

    /// <summary>New admins: one person may have only a few exports under way.</summary>
    public async Task<IReadOnlyList<HttpClient>> PeopleAsync(ConsoleProcess console, int many)
    {
        using var admin = Person(console);
        List<HttpClient> people = [];
        for (var i = 0; i < many; i++)
        {
            var (email, password) = ($"exporter-{i}@example.com", "mellow otter paints a fence");
            var invited = await SendAsync(admin, HttpMethod.Post, "/api/v1/people", new { email, name = $"Exporter {i}", roles = new[] { "admin" } });
            await SendAsync(admin, HttpMethod.Post, $"/api/v1/invitations/{invited["invitation"]!["code"]}/accept", new { password });
            people.Add(Person(console, (await SendAsync(admin, HttpMethod.Post, "/api/v1/tokens", new { email, password, scopes = new[] { "*" }, expires_in_days = 1 }))["token"]!.GetValue<string>()));
        }
        return people;
    }

    private static HttpClient Person(ConsoleProcess console, string token)
    {
        var client = new HttpClient { BaseAddress = console.Address, Timeout = TimeSpan.FromMinutes(5) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public static async Task<ToolkitSubject> FillAsync(string folder, string browser)
    {
        Seed seed;
        await using (var database = OpsDatabase.Sqlite(folder)) seed = await Bench.Seed.FillAsync(database);
        var subject = new ToolkitSubject(folder, browser, seed);
        await using var console = await subject.StartAsync();
        using var person = subject.Person(console);
        var rollout = "/api/v1/rollouts/" + seed.RolloutId;
        foreach (var patches in Patches().Chunk(PatchesAtOnce)) await SendAsync(person, HttpMethod.Post, rollout + "/worksheets/patches", new { patches });
        await SendAsync(person, HttpMethod.Put, rollout + "/actions", AnalysisOfMatrix.CatalogueJson());
        await SendAsync(person, HttpMethod.Put, rollout + "/matrix", Matrix());
        await SendAsync(person, HttpMethod.Post, rollout + "/matrix/publish", new { reason = "What the workshop agreed on" });
        return subject;
    }

    // The examples of the fields are texts as teams write them.
    private static IEnumerable<object> Patches()
    {
        foreach (var field in WorksheetSpecs.Canvas.Fields) yield return Patch("canvas/" + field.Name, field.Example);
        foreach (var (sheet, rows) in Rows)
        {
            for (var row = 0; row < rows; row++)
            {
                yield return Patch($"{sheet}/row-{row}/place", $"m{row:000}m");
                foreach (var field in WorksheetSpecs.Find(sheet)!.Fields.Where(f => f.Example.Length > 0 && f.Name != "blocker"))
                    yield return Patch($"{sheet}/row-{row}/{field.Name}", field.Kind is FieldKind.Line ? $"{field.Example} ({row + 1})" : field.Example);
            }
        }
    }

    private static object Patch(string field, string value) => new { id = Guid.NewGuid().ToString("N"), field, over = Array.Empty<string>(), value };

    // The first rule lets the asks through that the load sends.
    private static JsonObject Matrix()
    {
        var matrix = JsonNode.Parse(AnalysisOfMatrix.OrdinaryJson().GetRawText().Replace("group:leads", "group:approvers", StringComparison.Ordinal))!.AsObject();
        var rules = matrix["rules"]!.AsArray();
        while (rules.Count > Rules) rules.RemoveAt(rules.Count - 1);
        rules.Insert(0, JsonNode.Parse("""{ "id": "A-1", "action": "crm.contact.update", "consequence": "low", "reversible": true, "outcome": "allow" }"""));
        foreach (var rule in rules) rule!["note"] = "As agreed with finance and support on the second day.";
        return matrix;
    }

    private static async Task<JsonNode> SendAsync(HttpClient client, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        if (method == HttpMethod.Put) request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{path}: {text}");
        return text.StartsWith('{') ? JsonNode.Parse(text)! : new JsonObject();
    }
}
