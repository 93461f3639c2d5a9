using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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

/// <summary>One console to measure: a rollout at gate C with a published matrix, agents with keys and caps, and a person who approves.</summary>
/// <param name="Key">Of an agent whose caps are on and far away.</param>
/// <param name="CappedKey">Of an agent that may be given <see cref="DecisionsPerDay"/> decisions and <see cref="UsdPerDay"/> dollars a day, whichever is used up first.</param>
/// <param name="Token">Of an admin who is also the approver.</param>
internal sealed record Seed(string RolloutId, string AgentId, string Key, string CappedAgentId, string CappedKey, string PersonId, string Token)
{
    public const int DecisionsPerDay = 400, UsdPerDay = 3;

    private const string Matrix = """
    {
      "default": "deny",
      "boundaries": [{ "action": "payment.*", "reason": "the agent never moves money" }],
      "rules": [
        { "id": "R-1", "action": "crm.contact.update", "consequence": "low", "reversible": true, "outcome": "allow" },
        { "id": "R-2", "action": "refund.create", "when": [{ "field": "arguments.amount", "op": ">", "value": 200 }], "consequence": "high", "reversible": true, "outcome": "approve", "approvers": ["group:approvers"], "sla": "PT12H" },
        { "id": "R-3", "action": "refund.create", "consequence": "low", "reversible": true, "outcome": "allow" }
      ]
    }
    """;

    /// <summary>Fills an empty database without the program, which must not be running on it.</summary>
    /// <param name="time">When it all happened; by default now.</param>
    public static async Task<Seed> FillAsync(OpsDatabase database, TimeProvider? time = null)
    {
        await database.MigrateAsync(CancellationToken.None);
        using var writer = new DurableWriter(database.CreateStore(), time ?? TimeProvider.System, NullLogger<DurableWriter>.Instance);
        await writer.StartAsync(CancellationToken.None);
        var seed = await FillAsync(writer);
        await writer.StopAsync(CancellationToken.None);
        return seed;
    }

    private static async Task<Seed> FillAsync(DurableWriter writer)
    {
        var (key, capped, token) = (Secrets.NewCredential("ops"), Secrets.NewCredential("ops"), Secrets.NewCredential("opp"));
        var result = await writer.ChangeAsync<Seed>((scope, _) =>
        {
            var person = new OpsUser
            {
                Id = Secrets.NewId("per"), UserName = "bench@example.com", NormalizedUserName = "BENCH@EXAMPLE.COM", Email = "bench@example.com", NormalizedEmail = "BENCH@EXAMPLE.COM", Name = "Bench", PasswordHash = "none",
                Roles = ConsoleRoles.Admin | ConsoleRoles.Approver, CreatedAt = scope.Now, SecurityStamp = Guid.NewGuid().ToString("N"),
            };
            // Duties are separated: whoever owns the agent does not approve for it.
            var owner = new OpsUser
            {
                Id = Secrets.NewId("per"), UserName = "owner@example.com", NormalizedUserName = "OWNER@EXAMPLE.COM", Email = "owner@example.com", NormalizedEmail = "OWNER@EXAMPLE.COM", Name = "Owner", PasswordHash = "none",
                Roles = ConsoleRoles.Member, CreatedAt = scope.Now, SecurityStamp = Guid.NewGuid().ToString("N"),
            };
            scope.Db.Users.AddRange(person, owner);
            scope.Db.PersonalTokens.Add(new PersonalToken(token.Id, person.Id, token.Hash, ["*"], "bench", scope.Now, null));
            scope.Db.Groups.Add(new PersonGroup(Secrets.NewId("grp"), "approvers", [person.Id]));

            var rollout = new Rollout(Secrets.NewId("rol"), "Bench", "To be measured", "UTC", scope.Now, person.Id);
            var document = MatrixJson.ToJson(MatrixJson.Parse(JsonDocument.Parse(Matrix).RootElement).Value);
            var (version, sha) = (rollout.Publish(), SHA256.HashData(Encoding.UTF8.GetBytes(document)));
            scope.Db.MatrixVersions.Add(new MatrixVersion(rollout.Id, version, document, sha, person.Id, scope.Now, "bench"));
            scope.Audit(Actor.Person(person.Id), "matrix.published", rollout.Id, new { version, sha256 = Convert.ToHexStringLower(sha) }, rolloutId: rollout.Id);
            scope.Db.Rollouts.Add(rollout);
            scope.Db.Members.Add(new RolloutMember(rollout.Id, person.Id, RolloutRole.RolloutOwner, false));
            foreach (var gate in (Gate[])[Gate.A, Gate.B, Gate.C])
            {
                var record = new GateRecord(rollout.Id, gate);
                record.Pass(person.Id, scope.Now, "bench", [], false);
                scope.Db.Gates.Add(record);
            }
            var agent = Agent("Busy agent", """{"usd":{"day":"1000000"},"decisions":{"minute":1000000000,"day":1000000000},"default_reserve":{"usd":"0.0001"}}""", key);
            var limited = Agent("Capped agent", $$"""{ "usd": { "day": "{{UsdPerDay}}" }, "decisions": { "day": {{DecisionsPerDay}} } }""", capped);
            scope.Audit(Actor.System, "bench.filled", rollout.Id, rolloutId: rollout.Id);
            scope.AuthorityChanged();
            return Task.FromResult<Result<Seed>>(new Seed(rollout.Id, agent, key.Text, limited, capped.Text, person.Id, token.Text));

            string Agent(string name, string caps, (string Id, string Text, byte[] Hash) credential)
            {
                var made = new Agent(Secrets.NewId("agt"), rollout.Id, name, AgentKind.Autonomous, owner.Id, null, scope.Now);
                made.SetCaps(caps, scope.Now);
                scope.Db.Agents.Add(made);
                scope.Db.AgentKeys.Add(new AgentKey(credential.Id, made.Id, credential.Hash, scope.Now, null));
                scope.Db.Grants.Add(new CapabilityGrant(Secrets.NewId("grt"), made.Id, "*", Tier.Executor, "bench", person.Id, true, scope.Now, null, null));
                return made.Id;
            }
        });
        return result.Value;
    }
}
