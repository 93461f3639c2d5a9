using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Decisions;

namespace OpsConsole.Features.Demo;

/// <summary>Someone of the demo, with the password that is printed once.</summary>
internal sealed record DemoPerson(string Email, string Name, ConsoleRoles Roles, string Password, string Part);

/// <summary>Fills a console that has no rollout with one realistic rollout, and takes it away again. Everything it makes is marked as simulated, and on the record like anything else.</summary>
public sealed class DemoSeed(DurableWriter writer, IPasswordHasher<OpsUser> hasher)
{
    private const string Removed = "The demo was removed";

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
            if (await scope.Db.Rollouts.AnyAsync(ct))
            {
                if (!await scope.Db.Rollouts.AnyAsync(r => r.Simulated && r.ArchivedAt == null, ct)) return false;
                foreach (var user in await scope.Db.Users.Where(u => u.Simulated && u.DisabledAt == null).ToListAsync(ct))
                {
                    if (!hashes.TryGetValue(user.Email!, out var hash)) continue;
                    (user.PasswordHash, user.SecurityStamp) = (hash, Guid.NewGuid().ToString("N"));
                    scope.Audit(Actor.System, "person.password_changed", user.Id);
                }
            }
            else await DemoWorld.MakeAsync(scope, people, hashes, ct);
            scope.AuthorityChanged();
            return true;
        });
        return result is { Ok: true, Value: true } ? people : [];
    }

    /// <summary>A fresh key for the simulated agent, replacing its earlier ones; null when there is no demo.</summary>
    public async Task<string?> NewKeyAsync()
    {
        var (id, text, hash) = Secrets.NewCredential("ops");
        var result = await writer.ChangeAsync<bool>(async (scope, ct) =>
        {
            var agent = await scope.Db.Agents.FirstOrDefaultAsync(a => a.Simulated && a.RetiredAt == null, ct);
            if (agent is null) return Fault.NotFound("demo");
            foreach (var old in await scope.Db.AgentKeys.Where(k => k.AgentId == agent.Id && k.RevokedAt == null).ToListAsync(ct)) Revoke(scope, Actor.System, old, agent.RolloutId);
            scope.Db.AgentKeys.Add(new AgentKey(id, agent.Id, hash, scope.Now, null));
            scope.Audit(Actor.System, "key.created", id, new { agent = agent.Id }, rolloutId: agent.RolloutId);
            scope.AuthorityChanged();
            return true;
        });
        return result.Ok ? text : null;
    }

    /// <summary>Takes the demo away: the agent is retired, the rollout archived, its people disabled, but for its admin when there is no other. What happened stays on record.</summary>
    public Task<Result<Done>> RemoveAsync(PersonCaller me) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (!scope.State.Directory.People.TryGetValue(me.Id, out var person) || !Permissions.IsAdmin(person)) return Fault.Forbidden("An admin removes the demo.");
        foreach (var rollout in await scope.Db.Rollouts.Where(r => r.Simulated && r.ArchivedAt == null).ToListAsync(ct))
        {
            rollout.Archive(scope.Now);
            scope.Audit(me.Actor, "rollout.archived", rollout.Id, rolloutId: rollout.Id);
            if (rollout.Pause(Removed, me.Id, scope.Now)) scope.Audit(me.Actor, "rollout.paused", rollout.Id, null, new { reason = Removed }, rollout.Id);
        }
        foreach (var agent in await scope.Db.Agents.Where(a => a.Simulated).ToListAsync(ct))
        {
            if (!agent.Retired)
            {
                agent.Retire(scope.Now);
                scope.Audit(me.Actor, "agent.retired", agent.Id, null, new { reason = Removed }, agent.RolloutId);
                await Resolution.CloseAllAsync(scope, me.Actor, agent, ct);
            }
            foreach (var key in await scope.Db.AgentKeys.Where(k => k.AgentId == agent.Id && k.RevokedAt == null).ToListAsync(ct)) Revoke(scope, me.Actor, key, agent.RolloutId);
        }
        var simulated = await scope.Db.Users.Where(u => u.Simulated).Select(u => u.Id).ToListAsync(ct);
        // Those that one of the console's own people wrote since are theirs.
        foreach (var template in await scope.Db.TierTemplates.Where(t => t.ArchivedAt == null && simulated.Contains(t.ChangedBy)).ToListAsync(ct))
        {
            template.Archive(me.Id, scope.Now);
            scope.Audit(me.Actor, "template.archived", template.Id, new { version = template.Version });
        }
        var otherAdmin = HasOwnAdmin(scope.State);
        foreach (var user in await scope.Db.Users.Where(u => u.Simulated && u.DisabledAt == null).ToListAsync(ct))
        {
            // A console without an admin could not be used any more.
            if (user.Roles.HasFlag(ConsoleRoles.Admin) && !otherAdmin) continue;
            (user.DisabledAt, user.SecurityStamp) = (scope.Now, Guid.NewGuid().ToString("N"));
            scope.Audit(me.Actor, "person.disabled", user.Id);
        }
        scope.Audit(me.Actor, "demo.removed", "demo");
        scope.AuthorityChanged();
        return Done.Value;
    });

    /// <summary>The demo's admin, who keeps signing in after the demo is gone because nobody else could run the console; null when there is another admin.</summary>
    public string? Staying()
        => HasOwnAdmin(writer.State) ? null : writer.State.Directory.People.Values.FirstOrDefault(p => p.Simulated && Permissions.IsAdmin(p))?.Name;

    private static bool HasOwnAdmin(ConsoleState state) => state.Directory.People.Values.Any(p => !p.Simulated && Permissions.IsAdmin(p));

    private static void Revoke(ChangeScope scope, Actor by, AgentKey key, string rolloutId)
    {
        key.Revoke(scope.Now);
        scope.Audit(by, "key.revoked", key.Id, new { agent = key.AgentId }, rolloutId: rolloutId);
    }
}
