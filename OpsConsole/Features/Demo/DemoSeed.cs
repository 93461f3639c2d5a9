using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Demo;

/// <summary>Someone of the demo, with the password that is printed once.</summary>
internal sealed record DemoPerson(string Email, string Name, ConsoleRoles Roles, string Password, string Part);

/// <summary>Fills a console that has no rollout with one realistic rollout, and takes it away again. Everything it makes is marked as simulated.</summary>
public sealed class DemoSeed(DurableWriter writer, IPasswordHasher<OpsUser> hasher)
{
    private const string Caps = """{ "usd": { "run": "2.00", "day": "40.00" }, "decisions": { "minute": 120 }, "repeat": { "same_call": 8, "window": "PT1M" }, "default_reserve": { "usd": "0.01" } }""";

    private static readonly (string Mail, string Name, ConsoleRoles Roles, string Part)[] People =
    [
        ("ada", "Ada Admin", ConsoleRoles.Admin, "runs the console"),
        ("dana", "Dana Okafor", ConsoleRoles.Approver | ConsoleRoles.Member, "support lead: decides refunds and messages"),
        ("li", "Li Wen", ConsoleRoles.Approver | ConsoleRoles.Member, "support lead: decides refunds and messages"),
        ("mara", "Mara Finance", ConsoleRoles.Approver | ConsoleRoles.Member, "finance: second approval over 1,000"),
        ("omar", "Omar Haddad", ConsoleRoles.Facilitator | ConsoleRoles.Member, "rollout owner"),
        ("priya", "Priya Raman", ConsoleRoles.Member, "incident-response owner, owns the agent"),
        ("ines", "Inés Duarte", ConsoleRoles.Auditor, "audits"),
    ];

    /// <summary>The demo's rollout if there is one that this person sees, and whether they may remove it.</summary>
    public (string Id, string Name, bool MayRemove)? For(PersonCaller? me)
        => me is not null && writer.State.Rollouts.Values.FirstOrDefault(r => r is { Simulated: true, Archived: false } && Permissions.MaySee(me.Person, r, writer.State.Directory)) is { } demo
            ? (demo.Id, demo.Name, Permissions.IsAdmin(me.Person)) : null;

    /// <summary>The people to sign in as; empty when the console has rollouts of its own. People of an earlier demo get new passwords.</summary>
    internal async Task<IReadOnlyList<DemoPerson>> FillAsync()
    {
        List<DemoPerson> people = [.. People.Select(p => new DemoPerson(p.Mail + "@demo.example", p.Name, p.Roles, RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 16), p.Part))];
        var hashes = people.ToDictionary(p => p.Email, p => hasher.HashPassword(new OpsUser(), p.Password));   // slow on purpose, so not inside the change
        var result = await writer.ChangeAsync<bool>(async (scope, ct) =>
        {
            if (await scope.Db.Rollouts.FirstOrDefaultAsync(ct) is { } first)
            {
                if (!await scope.Db.Rollouts.AnyAsync(r => r.Simulated && r.ArchivedAt == null, ct)) return false;
                foreach (var user in await scope.Db.Users.Where(u => u.Simulated && u.DisabledAt == null).ToListAsync(ct))
                {
                    if (!hashes.TryGetValue(user.Email!, out var hash)) continue;
                    (user.PasswordHash, user.SecurityStamp) = (hash, Guid.NewGuid().ToString("N"));
                }
                scope.Audit(Actor.System, "demo.passwords_renewed", first.Id);
            }
            else await FillAsync(scope, people, hashes, ct);
            scope.AuthorityChanged();
            return true;
        });
        return result is { Ok: true, Value: true } ? people : [];
    }

    private static async Task FillAsync(ChangeScope scope, List<DemoPerson> people, Dictionary<string, string> hashes, CancellationToken ct)
    {
        var ids = new Dictionary<string, string>();
        foreach (var person in people)
        {
            var normal = person.Email.ToUpperInvariant();
            var user = await scope.Db.Users.SingleOrDefaultAsync(u => u.NormalizedEmail == normal, ct);
            if (user is null)
            {
                user = new OpsUser
                {
                    Id = Secrets.NewId("per"), UserName = person.Email, NormalizedUserName = normal, Email = person.Email, NormalizedEmail = normal, EmailConfirmed = true, LockoutEnabled = true,
                    Name = person.Name, Roles = person.Roles, CreatedAt = scope.Now, Simulated = true, SecurityStamp = Guid.NewGuid().ToString("N"),
                };
                scope.Db.Users.Add(user);
            }
            user.PasswordHash = hashes[person.Email];
            ids[person.Email.Split('@')[0]] = user.Id;
        }
        scope.Db.Groups.Add(new PersonGroup(Secrets.NewId("grp"), "support-leads", [ids["dana"], ids["li"]]));

        var rollout = new Rollout(Secrets.NewId("rol"), "Support operations", "Answer routine support cases: keep contacts right, refund what is due, tell the customer", "Europe/Berlin", scope.Now, "console");
        rollout.MarkSimulated();
        var document = MatrixJson.ToJson(MatrixJson.Parse(JsonDocument.Parse(DemoMatrix.Json).RootElement).Value);
        rollout.SaveDraft(document);
        scope.Db.MatrixVersions.Add(new MatrixVersion(rollout.Id, rollout.Publish(), document, SHA256.HashData(Encoding.UTF8.GetBytes(document)), ids["omar"], scope.Now, "What the workshop agreed on"));
        scope.Db.Rollouts.Add(rollout);
        (string Who, RolloutRole Role, bool Deputy)[] members =
        [
            ("omar", RolloutRole.RolloutOwner, false), ("dana", RolloutRole.WorkflowOwner, false), ("priya", RolloutRole.IncidentOwner, false), ("li", RolloutRole.WorkflowOwner, true), ("priya", RolloutRole.EngineeringOwner, false),
            ("mara", RolloutRole.RiskLead, false), ("dana", RolloutRole.Approver, false), ("li", RolloutRole.Approver, false), ("mara", RolloutRole.Approver, false),
        ];
        scope.Db.Members.AddRange(members.Select(m => new RolloutMember(rollout.Id, ids[m.Who], m.Role, m.Deputy)));
        foreach (var gate in (Gate[])[Gate.A, Gate.B, Gate.C])
        {
            var record = new GateRecord(rollout.Id, gate);
            record.Pass(ids["omar"], scope.Now, "Agreed in the workshop", [], false);
            scope.Db.Gates.Add(record);
        }

        var agent = new Agent(Secrets.NewId("agt"), rollout.Id, "Support agent", AgentKind.Autonomous, ids["priya"], "simulated-1", scope.Now);
        agent.Describe(agentVersion: "2026.11", purpose: "Resolve routine cases within policy, and ask when it is not sure", simulated: true);
        agent.SetCaps(Caps, scope.Now);
        scope.Db.Agents.Add(agent);
        (string Capability, Tier Tier, string Reason)[] grants =
        [
            ("crm.*", Tier.Executor, "Four weeks of clean contact updates"), ("order.*", Tier.Observer, "Only reads"), ("refund.*", Tier.Executor, "Small refunds ran clean"),
            ("message.*", Tier.Contributor, "Drafts; a lead sends"), ("ticket.*", Tier.Executor, "Closing can be undone"),
        ];
        scope.Db.Grants.AddRange(grants.Select(g => new CapabilityGrant(Secrets.NewId("grt"), agent.Id, g.Capability, g.Tier, g.Reason, ids["omar"], true, scope.Now, null, scope.Now.AddDays(30))));
        scope.Audit(Actor.System, "demo.filled", rollout.Id, new { agent = agent.Id, matrix_version = 1, gate = "C", people = people.Count }, rolloutId: rollout.Id);
    }

    /// <summary>A fresh key for the simulated agent, replacing its earlier ones; null when there is no demo.</summary>
    public async Task<string?> NewKeyAsync()
    {
        var (id, text, hash) = Secrets.NewCredential("ops");
        var result = await writer.ChangeAsync<bool>(async (scope, ct) =>
        {
            var agent = await scope.Db.Agents.FirstOrDefaultAsync(a => a.Simulated && a.RetiredAt == null, ct);
            if (agent is null) return Fault.NotFound("demo");
            foreach (var old in await scope.Db.AgentKeys.Where(k => k.AgentId == agent.Id && k.RevokedAt == null).ToListAsync(ct)) old.Revoke(scope.Now);
            scope.Db.AgentKeys.Add(new AgentKey(id, agent.Id, hash, scope.Now, null));
            scope.Audit(Actor.System, "key.created", id, new { agent = agent.Id }, rolloutId: agent.RolloutId);
            scope.AuthorityChanged();
            return true;
        });
        return result.Ok ? text : null;
    }

    /// <summary>Takes the demo away: the agent is retired, the rollout archived, its people disabled (the admin who asks stays). What happened stays on record.</summary>
    public Task<Result<Done>> RemoveAsync(PersonCaller me) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (!scope.State.Directory.People.TryGetValue(me.Id, out var person) || !Permissions.IsAdmin(person)) return Fault.Forbidden("An admin removes the demo.");
        foreach (var rollout in await scope.Db.Rollouts.Where(r => r.Simulated && r.ArchivedAt == null).ToListAsync(ct))
        {
            rollout.Archive(scope.Now);
            rollout.Pause("The demo was removed", me.Id, scope.Now);
            scope.Audit(me.Actor, "rollout.archived", rollout.Id, rolloutId: rollout.Id);
        }
        foreach (var agent in await scope.Db.Agents.Where(a => a.Simulated && a.RetiredAt == null).ToListAsync(ct)) agent.Retire(scope.Now);
        var agents = await scope.Db.Agents.Where(a => a.Simulated).Select(a => a.Id).ToListAsync(ct);
        foreach (var key in await scope.Db.AgentKeys.Where(k => agents.Contains(k.AgentId) && k.RevokedAt == null).ToListAsync(ct)) key.Revoke(scope.Now);
        var otherAdmin = scope.State.Directory.People.Values.Any(p => p.Active && p.Is(ConsoleRoles.Admin) && !p.Email.EndsWith("@demo.example", StringComparison.Ordinal));
        foreach (var user in await scope.Db.Users.Where(u => u.Simulated && u.DisabledAt == null && u.Id != me.Id).ToListAsync(ct))
        {
            // A console without an admin could not be used any more.
            if (user.Roles.HasFlag(ConsoleRoles.Admin) && !otherAdmin) continue;
            (user.DisabledAt, user.SecurityStamp) = (scope.Now, Guid.NewGuid().ToString("N"));
        }
        scope.Audit(me.Actor, "demo.removed", "demo");
        scope.AuthorityChanged();
        return Done.Value;
    });
}
