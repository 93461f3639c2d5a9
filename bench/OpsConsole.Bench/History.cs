using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Bench;

/// <summary>
/// A console with a past: four rollouts of very different size, one of them with a few decisions long ago, agents, and <see cref="Days"/> days of decisions with
/// approvals, reports and the chained log. Whatever is rare (the quiet rollout, high consequence, unreported writes) is there <see cref="Rare"/> times
/// whatever the size, so that the first pages of two consoles hold equally many rows.
/// </summary>
/// <param name="MemberId">A person who sees two of the rollouts and is one of those who decide there.</param>
/// <param name="QuietRun">One run of the quiet agent.</param>
internal sealed record History(Seed Seed, string MemberId, string[] Rollouts, string[] Agents, string QuietRollout, string QuietAgent, string QuietAction, string QuietRun, DateTimeOffset Began)
{
    public const int Days = 100, Rare = 60, BusyAgents = 9;
    /// <summary>Asks for whatever is of high consequence, and for nothing else.</summary>
    public const string RareRule = "R-3";

    /// <summary>Fills an empty folder, or takes what an earlier run left in it.</summary>
    public static async Task<History> InAsync(string folder, int decided, int pending)
    {
        var note = Path.Combine(folder, "history.json");
        if (File.Exists(note)) return JsonSerializer.Deserialize<History>(await File.ReadAllTextAsync(note))!;
        History history;
        await using (var database = OpsDatabase.Sqlite(folder))
        {
            var began = DateTimeOffset.UtcNow - TimeSpan.FromDays(Days);
            var seed = await Seed.FillAsync(database, new At(began));
            history = await PeopleAsync(database, seed, began);
            await new HistoryWriter(history, decided, pending).PourAsync(database);
        }
        SqliteConnection.ClearAllPools();
        await File.WriteAllTextAsync(note, JsonSerializer.Serialize(history));
        return history;
    }

    private static async Task<History> PeopleAsync(OpsDatabase database, Seed seed, DateTimeOffset began)
    {
        using var writer = new DurableWriter(database.CreateStore(), new At(began), NullLogger<DurableWriter>.Instance);
        await writer.StartAsync(CancellationToken.None);
        await writer.Ready;
        var result = await writer.ChangeAsync<History>(async (scope, ct) =>
        {
            var owner = await scope.Db.Users.SingleAsync(u => u.Email == "owner@example.com", ct);
            var template = await scope.Db.MatrixVersions.SingleAsync(v => v.RolloutId == seed.RolloutId, ct);
            var member = new OpsUser
            {
                Id = Secrets.NewId("per"), UserName = "member@example.com", NormalizedUserName = "MEMBER@EXAMPLE.COM", Email = "member@example.com", NormalizedEmail = "MEMBER@EXAMPLE.COM", Name = "Member", PasswordHash = "none",
                Roles = ConsoleRoles.Member, CreatedAt = scope.Now, SecurityStamp = Guid.NewGuid().ToString("N"),
            };
            scope.Db.Users.Add(member);
            List<string> rollouts = [], agents = [];
            foreach (var name in (string[])["Sales", "Support", "Finance", "Quiet"])
            {
                var rollout = new Rollout(Secrets.NewId("rol"), name, "To be looked at", "UTC", scope.Now, owner.Id);
                var version = rollout.Publish();
                scope.Db.MatrixVersions.Add(new MatrixVersion(rollout.Id, version, template.Document, template.Sha256, owner.Id, scope.Now, "bench"));
                scope.Audit(Actor.Person(owner.Id), "matrix.published", rollout.Id, new { version, sha256 = Convert.ToHexStringLower(template.Sha256) }, rolloutId: rollout.Id);
                scope.Db.Rollouts.Add(rollout);
                scope.Db.Members.Add(new RolloutMember(rollout.Id, seed.PersonId, RolloutRole.RolloutOwner, false));
                if (name is "Support" or "Quiet") scope.Db.Members.Add(new RolloutMember(rollout.Id, member.Id, RolloutRole.WorkflowOwner, false));
                rollouts.Add(rollout.Id);
            }
            for (var i = 0; i <= BusyAgents; i++)
            {
                // Six of ten work for the first rollout, two for the second, one for the third, and one is quiet.
                var agent = new Agent(Secrets.NewId("agt"), rollouts[i == BusyAgents ? 3 : i < 6 ? 0 : i < 8 ? 1 : 2], $"Agent {i}", AgentKind.Autonomous, owner.Id, null, scope.Now);
                agent.SetCaps("""{"decisions":{"day":1000000,"minute":1000000,"run":1000},"usd":{"run":"10"},"default_reserve":{"usd":"0.0001"}}""", scope.Now);
                scope.Db.Agents.Add(agent);
                scope.Db.Grants.Add(new CapabilityGrant(Secrets.NewId("grt"), agent.Id, "*", Tier.Executor, "bench", seed.PersonId, true, scope.Now, null, null));
                agents.Add(agent.Id);
            }
            scope.Audit(Actor.System, "bench.filled", rollouts[0], rolloutId: rollouts[0]);
            scope.AuthorityChanged();
            return new History(seed, member.Id, [.. rollouts], [.. agents], rollouts[3], agents[^1], "hr.record.read", "run-quiet-1", began);
        });
        await writer.StopAsync(CancellationToken.None);
        return result.Value;
    }

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
