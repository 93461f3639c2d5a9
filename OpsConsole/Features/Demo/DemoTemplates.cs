using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Trust;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Demo;

/// <summary>The demo's tier templates. Its agent holds tiers from the first version of one whose second version offers it something else.</summary>
internal static class DemoTemplates
{
    private const string Before = """
    [
      { "capability": "crm.*", "tier": "executor", "reason": "Four weeks of clean contact updates", "review_in": "P30D" },
      { "capability": "message.*", "tier": "contributor", "reason": "Drafts; a lead sends", "review_in": "P30D" },
      { "capability": "order.*", "tier": "observer", "reason": "Only reads", "review_in": "P30D", "advance": { "to": "contributor", "scenario_classes": ["common cases", "edge cases"] } },
      { "capability": "ticket.*", "tier": "executor", "reason": "Closing can be undone", "review_in": "P30D" }
    ]
    """;

    private const string Now = """
    [
      { "capability": "crm.*", "tier": "executor", "reason": "Four weeks of clean contact updates", "review_in": "P30D" },
      { "capability": "message.*", "tier": "contributor", "reason": "Drafts; a lead sends", "review_in": "P30D" },
      { "capability": "order.*", "tier": "contributor", "reason": "Prepares changes of orders; a lead approves each one", "review_in": "P30D", "advance": { "to": "executor", "scenario_classes": ["common cases", "edge cases"] } },
      { "capability": "ticket.*", "tier": "contributor", "reason": "Two customers were closed on too early: a person looks at it for a while", "review_in": "P14D" }
    ]
    """;

    private const string Reading = """
    [
      { "capability": "*", "tier": "observer", "reason": "New here: it reads and drafts, and its proposals are compared with what people do", "review_in": "P30D", "advance": { "to": "contributor", "scenario_classes": ["common cases", "edge cases", "refusals"] } }
    ]
    """;

    /// <summary>Makes both and returns the one that the agent begins with; null in a console that has templates of its own.</summary>
    public static async Task<TierTemplate?> MakeAsync(ChangeScope scope, string by, CancellationToken ct)
    {
        if (await scope.Db.TierTemplates.AnyAsync(ct)) return null;
        Add(scope, by, "Newcomer", "For every agent in its first weeks: it reads and drafts.", Reading);
        return Add(scope, by, "Support agent", "For agents that answer support cases: contacts they keep right themselves, the rest waits for a lead.", Before);
    }

    /// <summary>The lines of a template, with what each is given for.</summary>
    public static IReadOnlyList<TemplateLine> Lines(TierTemplate template) => TemplateLines.Parse(JsonElement.Parse(template.Lines)).Value;

    /// <summary>The template moves on; the agent's tiers stay as they are, and the difference is offered.</summary>
    public static void Change(ChangeScope scope, string by, TierTemplate template)
    {
        template.Change(template.Name, template.Description, Canonical(Now), by, scope.Now);
        scope.Audit(Actor.System, "template.changed", template.Id, new { version = template.Version, by }, Payload(template));
    }

    private static TierTemplate Add(ChangeScope scope, string by, string name, string description, string lines)
    {
        var template = new TierTemplate(Secrets.NewId("tpl"), name, description, Canonical(lines), by, scope.Now);
        scope.Db.TierTemplates.Add(template);
        scope.Audit(Actor.System, "template.created", template.Id, new { version = template.Version, by }, Payload(template));
        return template;
    }

    private static string Canonical(string lines) => TemplateLines.ToJson(TemplateLines.Parse(JsonElement.Parse(lines)).Value);

    private static object Payload(TierTemplate template) => new { name = template.Name, description = template.Description, lines = JsonElement.Parse(template.Lines) };
}
