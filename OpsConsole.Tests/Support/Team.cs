using OpsConsole.Core.Worksheets;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Tests.Support;

/// <summary>A rollout with everybody whom a workshop needs, and nothing decided yet: no sheet is filled in, no gate passed.</summary>
public sealed class Team
{
    public required Spine Spine { get; init; }
    /// <summary>By the first letters of their e-mail: rita (rollout owner), will (workflow owner), ines (incident owner), eve (engineering owner), ron (risk lead), sam (sponsor), mia (member), xeno (in no rollout).</summary>
    public required IReadOnlyDictionary<string, (string Id, HttpClient Client)> People { get; init; }
    public ConsoleHost Host => Spine.Host;
    public string Path => "/api/v1/rollouts/" + Spine.Rollout;
    public HttpClient this[string name] => People[name].Client;

    public static async Task<Team> BuildAsync(ConsoleHost host, string? matrix = null)
    {
        var spine = await Spine.BuildAsync(host, matrix, gates: "");
        Dictionary<string, (string, HttpClient)> people = [];
        foreach (var name in (string[])["rita", "will", "ines", "eve", "ron", "sam", "mia", "xeno"]) people[name] = await host.PersonAsync(name + "@example.com", "member");
        await SendAsync(host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + spine.Rollout, new
        {
            owners = new { rollout_owner = "rita@example.com", workflow_owner = "will@example.com", incident_owner = "ines@example.com", engineering_owner = "eve@example.com", risk_lead = "ron@example.com", exec_sponsor = "sam@example.com" },
            deputies = new { rollout_owner = "will@example.com", workflow_owner = "rita@example.com", incident_owner = "eve@example.com" },
        }, 200);
        await PostAsync(host.Admin, $"/api/v1/rollouts/{spine.Rollout}/members", new { email = "mia@example.com", roles = new[] { "member" } }, 201);
        return new Team { Spine = spine, People = people };
    }

    /// <summary>Fills a sheet in with the examples that its fields show: one row where it has rows.</summary>
    public async Task FillAsync(string sheet, params (string Field, string Value)[] instead)
    {
        var spec = WorksheetSpecs.Find(sheet)!;
        var row = spec.Row is null ? "" : "row-1/";
        List<object> patches = spec.Row is null ? [] : [Patch($"{sheet}/{row}place", "m")];
        foreach (var field in spec.Fields)
        {
            var value = instead.Any(i => i.Field == field.Name) ? instead.First(i => i.Field == field.Name).Value : field.Name is "blocker" ? "" : field.Example;
            if (value.Length > 0) patches.Add(Patch($"{sheet}/{row}{field.Name}", value));
        }
        await PostAsync(this["mia"], Path + "/worksheets/patches", new { patches });
    }

    /// <summary>Writes over whatever stands in a field.</summary>
    public async Task WriteAsync(string field, string value)
    {
        var standing = (await GetAsync(this["mia"], $"{Path}/worksheets/history?field={field}")).GetProperty("items").EnumerateArray().Where(p => p.GetProperty("standing").GetBoolean()).Select(p => p.GetProperty("id").GetString()).ToArray();
        await PostAsync(this["mia"], Path + "/worksheets/patches", new { patches = new[] { new { id = "write-" + Guid.NewGuid().ToString("N")[..16], field, over = standing, value } } });
    }

    public Task<System.Text.Json.JsonElement> ConfirmAsync(string who, string subject, int expect = 200, string words = "I looked at every line of it myself.", string? link = "https://wiki.example.com/evidence")
        => SendAsync(this[who], HttpMethod.Put, $"{Path}/confirmations/{subject}", new { words, link }, expect);

    /// <summary>The register of actions that the spine's matrix speaks about.</summary>
    public Task ListActionsAsync(string? more = null)
        => SendAsync(Host.Admin, HttpMethod.Put, Path + "/actions", System.Text.Json.JsonElement.Parse($$"""[{"action":"refund.create"},{"action":"mail.send"},{"action":"order.get","effect":"read","consequence":"low"}{{more}}]"""), 200);

    /// <summary>A drill that passes at once.</summary>
    public async Task DrillAsync()
    {
        var drill = await PostAsync(this["mia"], Path + "/drills", new { row = "row-1" }, 201);
        await PostAsync(this["ines"], $"{Path}/drills/{drill.GetProperty("id").GetString()}/acknowledge", null);
    }

    private static object Patch(string field, string value) => new { id = "fill-" + Guid.NewGuid().ToString("N")[..16], field, over = Array.Empty<string>(), value };
}
