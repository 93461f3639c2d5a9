using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Support;

namespace OpsConsole.Tests.Support;

public enum Provider { Sqlite, Postgres }

/// <summary>
/// A migrated database of its own with a running writer whose clock is moved by hand, and the shortest ways to put a rollout with one agent into it,
/// to ask, to report and to check the chain. Disposing leaves nothing behind.
/// </summary>
internal sealed class DataFixture : IAsyncDisposable
{
    public const string AllowAll = """{"rules":[{"id":"R","action":"*","effect":"write","consequence":"low","reversible":true,"outcome":"allow"}]}""";

    private readonly PostgresDatabase? _postgres;
    private readonly string? _folder;
    private readonly List<(DurableWriter Writer, OpsDatabase? Own)> _others = [];
    private static int _unique;

    private DataFixture(OpsDatabase database, PostgresDatabase? postgres, string? folder, IWriterStore store, HandTime time)
    {
        (Database, _postgres, _folder, Time) = (database, postgres, folder, time);
        Writer = new DurableWriter(store, time, NullLogger<DurableWriter>.Instance);
    }

    public OpsDatabase Database { get; }
    public DurableWriter Writer { get; }
    public HandTime Time { get; }
    public PostgresDatabase Postgres => _postgres ?? throw new InvalidOperationException("This is not PostgreSQL.");
    public string RolloutId { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    public string OwnerId { get; private set; } = "";

    /// <param name="wrap">Puts something between the writer and its store.</param>
    /// <param name="folder">The SQLite folder to use (and leave there); by default a fresh one.</param>
    public static async Task<DataFixture> CreateAsync(Provider provider, Func<IWriterStore, IWriterStore>? wrap = null, string? folder = null)
    {
        var postgres = provider == Provider.Postgres ? await Migrated.PostgresAsync() : null;
        var own = provider == Provider.Sqlite && folder is null ? Directory.CreateTempSubdirectory("opsconsole-test-").FullName : null;
        if (own is not null) await Migrated.IntoAsync(own);
        var database = postgres is not null ? OpsDatabase.PostgreSql(postgres.ConnectionString) : OpsDatabase.Sqlite(folder ?? own!);
        await database.MigrateAsync(CancellationToken.None);
        var store = database.CreateStore();
        var fixture = new DataFixture(database, postgres, own, wrap?.Invoke(store) ?? store, new HandTime());
        await fixture.Writer.StartAsync(CancellationToken.None);
        await fixture.Writer.Ready;
        return fixture;
    }

    /// <summary>Another instance of the console on the same PostgreSQL.</summary>
    public async Task<DurableWriter> SecondWriterAsync()
    {
        var database = OpsDatabase.PostgreSql(Postgres.ConnectionString);
        var writer = new DurableWriter(database.CreateStore(), Time, NullLogger<DurableWriter>.Instance);
        await writer.StartAsync(CancellationToken.None);
        await writer.Ready;
        _others.Add((writer, database));
        return writer;
    }

    /// <summary>A rollout with a published matrix, an owner, an agent with one grant, and every gate up to <paramref name="gate"/> passed.</summary>
    public async Task<DataFixture> SeedAsync(string matrix = AllowAll, Gate gate = Gate.D, Tier? tier = Tier.Executor, string? caps = null, string zone = "Europe/Berlin", Action<Rollout>? govern = null)
    {
        (RolloutId, AgentId, OwnerId) = (NewId("rol"), NewId("agt"), NewId("per"));
        await Must(Writer.ChangeAsync<Done>((scope, _) =>
        {
            AddPerson(scope, OwnerId, "dana@example.com", ConsoleRoles.Member);
            var rollout = new Rollout(RolloutId, "Orders", "", zone, scope.Now, OwnerId);
            govern?.Invoke(rollout);
            scope.Db.Rollouts.Add(rollout);
            scope.Db.Members.Add(new RolloutMember(RolloutId, OwnerId, RolloutRole.RolloutOwner, false));
            var (version, sha) = (rollout.Publish(), SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(matrix)));
            scope.Db.MatrixVersions.Add(new MatrixVersion(RolloutId, version, matrix, sha, OwnerId, scope.Now, "seed"));
            foreach (var passed in Gates.All.Where(g => g <= gate))
            {
                var record = new GateRecord(RolloutId, passed);
                record.Pass(OwnerId, scope.Now, "seed", [], false);
                scope.Db.Gates.Add(record);
            }
            var agent = new Agent(AgentId, RolloutId, "Helper", AgentKind.Autonomous, "somebody-else", null, scope.Now);
            if (caps is not null) agent.SetCaps(caps, scope.Now);
            scope.Db.Agents.Add(agent);
            if (tier is { } held) scope.Db.Grants.Add(new CapabilityGrant(NewId("grt"), AgentId, "*", held, "seed", OwnerId, true, scope.Now, null, null));
            scope.Audit(Actor.Person(OwnerId), "matrix.published", RolloutId, new { version, sha256 = Convert.ToHexStringLower(sha) }, rolloutId: RolloutId);
            scope.AuthorityChanged();
            return Task.FromResult<Result<Done>>(Done.Value);
        }));
        return this;
    }

    public static void AddPerson(ChangeScope scope, string id, string email, ConsoleRoles roles) => scope.Db.Users.Add(new OpsUser
    {
        Id = id, Email = email, UserName = email, NormalizedEmail = email.ToUpperInvariant(), NormalizedUserName = email.ToUpperInvariant(), Name = email.Split('@')[0],
        Roles = roles, PasswordHash = "set", CreatedAt = scope.Now,
    });

    /// <summary>Changes the agent as an admin would.</summary>
    public Task ChangeAgentAsync(Action<Agent, DateTimeOffset> change, DurableWriter? by = null) => Must((by ?? Writer).ChangeAsync<Done>(async (scope, ct) =>
    {
        change(await scope.Db.Agents.SingleAsync(a => a.Id == AgentId, ct), scope.Now);
        scope.Audit(Actor.System, "agent.changed", AgentId, rolloutId: RolloutId);
        scope.AuthorityChanged();
        return Done.Value;
    }));

    /// <summary>Asks something that was not asked before.</summary>
    public async Task<Result<Answer>> AskAsync(Ask ask, IdempotencyClaim? idempotency = null, DurableWriter? at = null, Func<Answer, string>? render = null)
    {
        var reply = await ReplyAsync(ask, idempotency, at, render);
        return reply.Fault is { } fault ? fault : (Answer)reply.Value;
    }

    public Task<Result<Reply>> ReplyAsync(Ask ask, IdempotencyClaim? idempotency = null, DurableWriter? at = null, Func<Answer, string>? render = null) =>
        (at ?? Writer).AskAsync(ask, AgentId, "key1", idempotency, render ?? (a => a.Decision.Id));

    /// <summary>Asks something new and expects an answer.</summary>
    public async Task<DecisionRecord> DecideAsync(string? action = null, string? arguments = null, string? runId = null, long? usd = null, AskMode mode = AskMode.Live, DurableWriter? at = null) =>
        (await AskAsync(Ask(action, arguments, runId, usd, mode: mode), at: at)).Value.Decision;

    /// <param name="arguments">By default different ones each time, so that no loop is seen.</param>
    public Ask Ask(string? action = null, string? arguments = null, string? runId = null, long? usd = null, long? tokens = null, AskMode mode = AskMode.Live, string? onBehalfOf = null, double? confidence = null)
    {
        action ??= "order.update";
        arguments ??= $$"""{"n":{{Interlocked.Increment(ref _unique)}}}""";
        var element = JsonElement.Parse(arguments);
        return new Ask
        {
            Action = action, Arguments = arguments, RunId = runId, CostUsd = usd, CostTokens = tokens, Mode = mode, OnBehalfOf = onBehalfOf, Confidence = confidence,
            Call = new PolicyCall { Action = action, Arguments = element, Confidence = confidence, OnBehalfOf = onBehalfOf },
            Digest = CallDigest.Of(AgentId, action, element, default, default, onBehalfOf), Payload = Jcs.Bytes(JsonSerializer.SerializeToElement(Said())),
        };

        Dictionary<string, object> Said()
        {
            Dictionary<string, object> said = new() { ["arguments"] = element };
            if (runId is not null) said["run_id"] = runId;
            if (onBehalfOf is not null) said["on_behalf_of"] = onBehalfOf;
            if (confidence is { } sure) said["confidence"] = sure;
            return said;
        }
    }

    public Task<Result<Reported>> ReportAsync(DecisionRecord decision, ReportStatus status = ReportStatus.Succeeded, long? usd = null, string? payload = null, string? agentId = null, DurableWriter? at = null, IReadOnlyList<WriteTarget>? writes = null)
    {
        payload ??= Jcs.Text(JsonSerializer.SerializeToElement(new { status = status.ToString(), usd }));
        return (at ?? Writer).ReportAsync(decision.Seq, decision.Id, agentId ?? AgentId, Actor.Agent(agentId ?? AgentId, "key1"), new Report(status, null, usd, null, writes ?? [], payload, SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(payload))));
    }

    public async Task<T> ReadAsync<T>(Func<OpsDbContext, Task<T>> read)
    {
        await using var db = Database.CreateDbContext();
        return await read(db);
    }

    /// <summary>Runs SQL with the rights of the console's own connection, beside the writer.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using DbConnection connection = Database.File is { } file ? new SqliteConnection($"Data Source={file};Pooling=False") : new NpgsqlConnection(Postgres.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Everything that a verification checks: no gap, every hash, every payload, and the head. Returns how many entries there are.</summary>
    public async Task<long> VerifyAsync()
    {
        var (head, entries, payloads) = await ReadAsync(async db => (await db.Head.AsNoTracking().SingleAsync(), await db.Audit.AsNoTracking().OrderBy(a => a.Seq).ToListAsync(), await db.Payloads.AsNoTracking().ToDictionaryAsync(p => p.Seq)));
        var (seq, chain) = (0L, new byte[AuditLeaf.HashLength]);
        foreach (var entry in entries)
        {
            Assert.Null(AuditLeaf.Check(entry, ++seq, chain, payloads.GetValueOrDefault(entry.Seq)));
            chain = entry.Chain;
        }
        Assert.Equal(seq, head.Seq);
        Assert.Equal(chain, head.Chain);
        Assert.Empty(payloads.Keys.Except(entries.Select(e => e.Seq)));
        return seq;
    }

    /// <summary>Lets time pass, a bit at a time, until something holds.</summary>
    public Task PassUntilAsync(Func<bool> condition, string what) => PassUntilAsync(() => Task.FromResult(condition()), what);

    public async Task PassUntilAsync(Func<Task<bool>> condition, string what)
    {
        for (var i = 0; i < 4_000 && !await condition(); i++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(5);
        }
        Assert.True(await condition(), "Never came: " + what);
    }

    public static async Task<T> Must<T>(Task<Result<T>> task) => (await task).Value;

    public static string NewId(string prefix) => prefix + "_" + Interlocked.Increment(ref _unique).ToString("d16", CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        foreach (var (writer, own) in _others.Prepend((Writer, null)))
        {
            await writer.StopAsync(CancellationToken.None);
            writer.Dispose();
            if (own is not null) await own.DisposeAsync();
        }
        await Database.DisposeAsync();
        if (_postgres is not null) await _postgres.DisposeAsync();
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
    }
}
