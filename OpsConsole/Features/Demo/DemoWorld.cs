using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Workshop;

namespace OpsConsole.Features.Demo;

/// <summary>What the demo consists of, made in one change; each part leaves the entry that it leaves when people make it.</summary>
internal static class DemoWorld
{
    private const string Caps = """{ "usd": { "run": "2.00", "day": "40.00" }, "decisions": { "minute": 120 }, "repeat": { "same_call": 8, "window": "PT1M" }, "default_reserve": { "usd": "0.01" } }""";

    public static async Task MakeAsync(ChangeScope scope, IReadOnlyList<DemoPerson> people, Dictionary<string, string> hashes, CancellationToken ct)
    {
        var ids = await PeopleAsync(scope, people, hashes, ct);
        var rollout = Rollout(scope, ids);
        Sheets(scope, rollout.Id, ids["omar"]);
        Gates(scope, rollout.Id, ids["omar"]);
        var template = await DemoTemplates.MakeAsync(scope, ids["omar"], ct);
        var agent = Agent(scope, rollout.Id, ids, template);
        if (template is not null) DemoTemplates.Change(scope, ids["omar"], template);
        scope.Audit(Actor.System, "demo.filled", rollout.Id, new { agent = agent.Id, people = people.Count }, rolloutId: rollout.Id);
    }

    private static async Task<Dictionary<string, string>> PeopleAsync(ChangeScope scope, IReadOnlyList<DemoPerson> people, Dictionary<string, string> hashes, CancellationToken ct)
    {
        Dictionary<string, string> ids = [];
        foreach (var person in people)
        {
            var normal = Accounts.Normalize(person.Email);
            var user = await scope.Db.Users.SingleOrDefaultAsync(u => u.NormalizedEmail == normal, ct);
            if (user is null)
            {
                user = Accounts.New(person.Email, person.Name, person.Roles, scope.Now);
                user.Simulated = true;
                scope.Db.Users.Add(user);
                scope.Audit(Actor.System, "person.created", user.Id, new { roles = user.Roles.Wire(), by = "demo" }, payload: new { email = user.Email, name = user.Name });
            }
            else scope.Audit(Actor.System, "person.password_changed", user.Id);
            user.PasswordHash = hashes[person.Email];
            ids[person.Email.Split('@')[0]] = user.Id;
        }
        var group = new PersonGroup(Secrets.NewId("grp"), "support-leads", [ids["dana"], ids["li"]]);
        scope.Db.Groups.Add(group);
        scope.Audit(Actor.System, "group.created", group.Id, new { name = group.Name, members = string.Join(' ', group.MemberIds) });
        return ids;
    }

    private static Rollout Rollout(ChangeScope scope, Dictionary<string, string> ids)
    {
        var rollout = new Rollout(Secrets.NewId("rol"), "Support operations", "Answer routine support cases: keep contacts right, refund what is due, tell the customer", "Europe/Berlin", scope.Now, "console");
        rollout.MarkSimulated();
        scope.Db.Rollouts.Add(rollout);
        scope.Audit(Actor.System, "rollout.created", rollout.Id, new { time_zone = rollout.TimeZone, rollout_owner = ids["omar"] }, new { name = rollout.Name, purpose = rollout.Purpose }, rollout.Id);
        (string Who, RolloutRole Role, bool Deputy)[] members =
        [
            ("omar", RolloutRole.RolloutOwner, false), ("dana", RolloutRole.WorkflowOwner, false), ("priya", RolloutRole.IncidentOwner, false), ("li", RolloutRole.WorkflowOwner, true), ("mara", RolloutRole.RolloutOwner, true), ("dana", RolloutRole.IncidentOwner, true), ("priya", RolloutRole.EngineeringOwner, false),
            ("mara", RolloutRole.RiskLead, false), ("dana", RolloutRole.Approver, false), ("li", RolloutRole.Approver, false), ("mara", RolloutRole.Approver, false),
        ];
        foreach (var (who, role, deputy) in members)
        {
            scope.Db.Members.Add(new RolloutMember(rollout.Id, ids[who], role, deputy));
            scope.Audit(Actor.System, "member.added", ids[who], new { role = role.Wire(), deputy }, rolloutId: rollout.Id);
        }
        var document = MatrixJson.Parse(JsonElement.Parse(DemoMatrix.Json)).Value;
        var json = MatrixJson.ToJson(document);
        var sha = SHA256.HashData(Encoding.UTF8.GetBytes(json));
        rollout.SaveDraft(json);
        var actions = ActionCatalogue.Parse(JsonElement.Parse(DemoMatrix.Catalogue)).Value.ToJson();
        rollout.SaveCatalogue(actions);
        scope.Audit(Actor.System, "catalogue.saved", rollout.Id, new { catalogue = rollout.CatalogueVersion, by = ids["omar"], sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(actions))) }, $$"""{"actions":{{actions}}}""", rollout.Id);
        const string reason = "What the workshop agreed on";
        var version = new MatrixVersion(rollout.Id, rollout.Publish(), json, sha, ids["omar"], scope.Now, reason);
        scope.Db.MatrixVersions.Add(version);
        scope.Audit(Actor.System, "matrix.published", rollout.Id, new { version = version.Number, sha256 = Convert.ToHexStringLower(sha), rules = document.Rules.Count, boundaries = document.Boundaries.Count, by = ids["omar"] }, new { reason }, rollout.Id);
        return rollout;
    }

    private static void Sheets(ChangeScope scope, string rolloutId, string by)
    {
        foreach (var (field, text) in WorkedSheets.Find("support")!.Texts.Concat(Talk(scope.Now)))
        {
            var patch = new Patch(rolloutId, Guid.NewGuid().ToString("N"), field, [], text, by, scope.Now);
            scope.Db.Patches.Add(patch);
            scope.Audit(Actor.System, "worksheet.changed", rolloutId, new { field = field.ToString(), patch = patch.Id, over = patch.Over, by }, new { value = text }, rolloutId);
        }
    }

    // What a workshop leaves with beside the worked example: its decisions, next actions and parking lot.
    private static IEnumerable<(FieldKey Field, string Text)> Talk(DateTimeOffset now)
    {
        string Day(int days) => now.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        (string Sheet, Dictionary<string, string> Texts)[] rows =
        [
            ("decisions", new() { ["text"] = "Refunds over 200 EUR stay with a team lead in version 1", ["why"] = "They are few of the cases and most of the money" }),
            ("decisions", new() { ["text"] = "Names, addresses and e-mails are changed only after a person has looked", ["why"] = "A wrong one is found late, by the customer" }),
            ("decisions", new() { ["text"] = "Nothing is ever sent to the press by the agent", ["why"] = "Communications answers for those words" }),
            ("actions", new() { ["text"] = "Rehearse taking a refund back, with two cases", ["who"] = "role:engineering_owner", ["day"] = Day(7) }),
            ("actions", new() { ["text"] = "Run the routing drill with the on-call phone", ["who"] = "role:incident_owner", ["day"] = Day(9) }),
            ("actions", new() { ["text"] = "Put the weekly review into the calendar", ["who"] = "role:workflow_owner", ["day"] = Day(3), ["done"] = "yes" }),
            ("parking", new() { ["text"] = "Could it also answer in Italian?", ["where"] = "Dana asks in the product round" }),
        ];
        foreach (var sheet in rows.GroupBy(r => r.Sheet))
        {
            string? place = null;
            foreach (var (i, row) in sheet.Index())
            {
                place = RowPlace.Between(place, null);
                yield return (new FieldKey(sheet.Key, $"demo-{i + 1}", FieldKey.Place), place);
                foreach (var (field, text) in row.Texts) yield return (new FieldKey(sheet.Key, $"demo-{i + 1}", field), text);
            }
        }
    }

    private static void Gates(ChangeScope scope, string rolloutId, string by)
    {
        foreach (var (gate, waived) in ((Gate, string[])[])[(Gate.A, ["boundary"]), (Gate.B, ["drill"]), (Gate.C, ["tests", "evals", "rollback", "audience", "checklist", "shadow"])])
        {
            const string reason = "Agreed in the workshop; what nobody did here is waived, because the agent is simulated";
            var record = new GateRecord(rolloutId, gate);
            record.Pass(by, scope.Now, reason, waived, false);
            scope.Db.Gates.Add(record);
            scope.Audit(Actor.System, "gate.passed", $"{rolloutId}/{gate}", new { gate = gate.ToString(), by, waived }, new { reason }, rolloutId);
        }
    }

    /// <param name="template">Where its tiers come from but for refunds; null: all by hand.</param>
    private static Agent Agent(ChangeScope scope, string rolloutId, Dictionary<string, string> ids, TierTemplate? template)
    {
        var agent = new Agent(Secrets.NewId("agt"), rolloutId, "Support agent", AgentKind.Autonomous, ids["priya"], "simulated-1", scope.Now);
        agent.Describe(agentVersion: "2026.11", purpose: "Resolve routine cases within policy, and ask when it is not sure", simulated: true);
        scope.Db.Agents.Add(agent);
        scope.Audit(Actor.System, "agent.registered", agent.Id, new { kind = "autonomous", owner = agent.OwnerId, model = agent.Model, version = "2026.11" }, new { name = agent.Name, purpose = agent.Purpose }, rolloutId);
        agent.SetCaps(Caps, scope.Now);
        scope.Audit(Actor.System, "caps.set", agent.Id, new { caps = Caps }, rolloutId: rolloutId);
        (string Capability, Tier Tier, string Reason)[] grants =
        [
            ("crm.*", Tier.Executor, "Four weeks of clean contact updates"), ("order.*", Tier.Observer, "Only reads"), ("refund.*", Tier.Executor, "Small refunds ran clean"),
            ("message.*", Tier.Contributor, "Drafts; a lead sends"), ("ticket.*", Tier.Executor, "Closing can be undone"),
        ];
        foreach (var (capability, tier, reason) in grants)
        {
            var from = template is not null && DemoTemplates.Lines(template).Any(l => l.Capability == capability) ? template : null;
            var grant = new CapabilityGrant(Secrets.NewId("grt"), agent.Id, capability, tier, reason, ids["omar"], true, scope.Now, null, scope.Now.AddDays(30), from?.Id, from?.Version);
            scope.Db.Grants.Add(grant);
            scope.Audit(Actor.System, "grant.given", grant.Id, new { agent = agent.Id, capability, tier = tier.ToString().ToLowerInvariant(), @override = true, review_by = grant.ReviewBy, template = grant.TemplateId, template_version = grant.TemplateVersion, by = ids["omar"] }, new { reason }, rolloutId);
        }
        if (template is not null) scope.Audit(Actor.System, "template.applied", agent.Id, new { template = template.Id, version = template.Version, grants = DemoTemplates.Lines(template).Count, by = ids["omar"] }, rolloutId: rolloutId);
        return agent;
    }
}
