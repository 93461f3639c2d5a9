using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Data.State;

/// <summary>Reads everything that decisions need into one immutable <see cref="ConsoleState"/>. Published matrices never change, so compiled ones are reused.</summary>
internal static class StateLoader
{
    public static async Task<ConsoleState> LoadAsync(OpsDbContext db, LogHead head, ConsoleState previous, DateTimeOffset now, CancellationToken ct)
    {
        var directory = await LoadDirectoryAsync(db, now, ct);
        var members = (await db.Members.AsNoTracking().ToListAsync(ct)).ToLookup(m => m.RolloutId);
        var gates = (await db.Gates.AsNoTracking().ToListAsync(ct)).ToLookup(g => g.RolloutId);
        Dictionary<string, RolloutAuthority> rollouts = [];
        foreach (var rollout in await db.Rollouts.AsNoTracking().ToListAsync(ct))
        {
            rollouts[rollout.Id] = new RolloutAuthority(rollout.Id, rollout.Name, Zone(rollout.TimeZone), Pause(rollout.PausedAt, rollout.PausedBy, rollout.PausedReason), Gates.InForce(gates[rollout.Id]),
                await PolicyAsync(db, rollout, previous, ct), rollout.MinConfidence, rollout.ConfidenceRequired, Audience(rollout.Audience), rollout.SeparationOfDuties,
                [.. members[rollout.Id].Select(m => (m.PersonId, m.Role, m.Deputy))], rollout.Simulated, rollout.ArchivedAt is not null, rollout.RotateApprovers, rollout.ReasonCodes);
        }

        var grants = (await db.Grants.AsNoTracking().Where(g => g.EndedAt == null).ToListAsync(ct)).ToLookup(g => g.AgentId);
        Dictionary<string, AgentAuthority> agents = [];
        foreach (var agent in await db.Agents.AsNoTracking().ToListAsync(ct))
        {
            var held = grants[agent.Id].Where(g => g.Live(now)).OrderByDescending(g => Specificity(g.Capability)).Select(g => new GrantEntry(g.Id, g.Capability, g.Tier, g.ExpiresAt, g.ReviewBy));
            agents[agent.Id] = new AgentAuthority(agent.Id, agent.Name, agent.Kind, agent.OwnerId, Pause(agent.PausedAt, agent.PausedBy, agent.PausedReason), agent.Retired, rollouts[agent.RolloutId], [.. held],
                agent.Caps is null ? CapSpec.None : CapJson.Parse(JsonDocument.Parse(agent.Caps).RootElement, agent.CapsSince ?? agent.CreatedAt).Value, agent.Simulated);
        }
        return new ConsoleState(head.Epoch, Pause(head.PausedAt, head.PausedBy, head.PausedReason), directory, agents.ToFrozenDictionary(), rollouts.ToFrozenDictionary());
    }

    private static async Task<PeopleDirectory> LoadDirectoryAsync(OpsDbContext db, DateTimeOffset now, CancellationToken ct)
    {
        var groups = await db.Groups.AsNoTracking().ToListAsync(ct);
        var groupsOf = groups.SelectMany(g => g.MemberIds.Select(id => (id, g.Id))).ToLookup(p => p.id, p => p.Id);
        var people = await db.Users.AsNoTracking().ToListAsync(ct);
        var keys = await db.AgentKeys.AsNoTracking().Where(k => k.RevokedAt == null).ToListAsync(ct);
        var tokens = await db.PersonalTokens.AsNoTracking().Where(t => t.RevokedAt == null).ToListAsync(ct);
        // Identity's table; the console keeps nothing else in it than what happened to sessions. That somebody typed their password again is asked for where it matters.
        var ended = await db.UserTokens.AsNoTracking().Where(t => t.LoginProvider == SessionMark.Ended).Select(t => t.Name).ToListAsync(ct);
        var absences = await db.Absences.AsNoTracking().Where(a => a.Until > now).ToListAsync(ct);
        return new PeopleDirectory(
            [.. people.Select(p => new PersonEntry(p.Id, p.Email ?? "", p.Name, p.Roles, p.DisabledAt is not null, p.PasswordHash is not null, p.SecurityStamp ?? "", groupsOf[p.Id].ToFrozenSet(), p.Simulated, p.TimeZone is null ? null : Zone(p.TimeZone), Hours(p)))],
            [.. groups.Select(g => new GroupEntry(g.Id, g.Name, g.MemberIds))],
            [.. keys.Where(k => k.Live(now)).Select(k => new CredentialEntry(k.Id, k.AgentId, k.SecretHash, k.ExpiresAt, []))],
            [.. tokens.Where(t => t.Live(now)).Select(t => new CredentialEntry(t.Id, t.PersonId, t.SecretHash, t.ExpiresAt, t.Scopes.ToFrozenSet()))],
            ended, [.. absences.Select(a => new AbsenceEntry(a.PersonId, a.From, a.Until, a.StandIn, a.At))]);
    }

    private static WorkingHours? Hours(OpsUser p)
        => p is { WorkDays: { } days, WorkFrom: { } from, WorkUntil: { } until } ? new WorkingHours(days, from, until, Zone(p.TimeZone ?? "UTC")) : null;

    private static async Task<CompiledPolicy?> PolicyAsync(OpsDbContext db, Rollout rollout, ConsoleState previous, CancellationToken ct)
    {
        if (rollout.PublishedVersion == 0) return null;
        if (previous.Rollouts.TryGetValue(rollout.Id, out var before) && before.Policy?.Version == rollout.PublishedVersion) return before.Policy;
        var version = await db.MatrixVersions.AsNoTracking().SingleAsync(v => v.RolloutId == rollout.Id && v.Number == rollout.PublishedVersion, ct);
        return CompiledPolicy.Compile(MatrixJson.Parse(JsonDocument.Parse(version.Document).RootElement).Value, version.Number);
    }

    private static CompiledConditions? Audience(string? json)
        => json is null ? null : CompiledConditions.Compile(MatrixJson.ParseConditions(JsonDocument.Parse(json).RootElement, "audience").Value);

    private static PauseInfo? Pause(DateTimeOffset? at, string? by, string? reason) => at is null ? null : new PauseInfo(at.Value, by ?? "console", reason ?? "no reason given");

    private static int Specificity(string capability) => capability == "*" ? 0 : capability.EndsWith(".*", StringComparison.Ordinal) ? capability.Length : 1_000 + capability.Length;

    // A zone that this machine does not know must not stop the console; its days are then UTC days.
    private static TimeZoneInfo Zone(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : TimeZoneInfo.Utc;
}
