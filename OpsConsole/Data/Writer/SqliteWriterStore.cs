using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Data.Writer;

/// <summary>SQLite: prepared single-row statements inside one transaction; the provider is synchronous, so are these.</summary>
internal sealed class SqliteWriterStore(OpsDatabase database, string connectionString) : IWriterStore
{
    private SqliteConnection? _connection;
    private SqliteTransaction? _transaction;
    private Prepared? _sql;

    public Task<LogHead> BeginAsync(CancellationToken ct)
    {
        if (_connection is null)
        {
            _connection = new SqliteConnection(connectionString);
            _connection.Open();
            SqlitePragmas.Apply(_connection);
            _sql = new Prepared(_connection);
        }
        if (database.LogRestartDue)
        {
            database.LogRestartDue = false;
            Checkpointer.Checkpoint(_connection);
        }
        _transaction = _connection.BeginTransaction(deferred: false);
        _sql!.Use(_transaction);
        using var reader = _sql.ReadHead.ExecuteReader();
        if (!reader.Read()) throw new InvalidOperationException("The head row of the log is missing: this database was not made by the console.");
        return Task.FromResult(new LogHead
        {
            Id = 1, Seq = reader.GetInt64(0), Chain = (byte[])reader[1], Epoch = reader.GetInt64(2), LastAt = Micros.ToTime(reader.GetInt64(3)),
            PausedAt = reader.IsDBNull(4) ? null : Micros.ToTime(reader.GetInt64(4)), PausedReason = reader.IsDBNull(5) ? null : reader.GetString(5), PausedBy = reader.IsDBNull(6) ? null : reader.GetString(6),
        });
    }

    public Task<IReadOnlyList<IdempotencyKey>> FindKeysAsync(IReadOnlyList<(string AgentId, string Key)> keys, CancellationToken ct)
    {
        var found = new List<IdempotencyKey>();
        foreach (var (agentId, key) in keys)
        {
            Bind(_sql!.FindKey, agentId, key);
            using var reader = _sql.FindKey.ExecuteReader();
            if (reader.Read())
                found.Add(new IdempotencyKey { AgentId = agentId, Key = key, BodySha256 = (byte[])reader[0], DecisionSeq = reader.GetInt64(1), Response = reader.GetString(2), At = Micros.ToTime(reader.GetInt64(3)) });
        }
        return Task.FromResult<IReadOnlyList<IdempotencyKey>>(found);
    }

    public Task<IReadOnlyList<ReportTarget>> FindReportTargetsAsync(IReadOnlyList<long> seqs, CancellationToken ct)
    {
        var found = new List<ReportTarget>();
        foreach (var seq in seqs)
        {
            Bind(_sql!.FindTarget, seq);
            using var r = _sql.FindTarget.ExecuteReader();
            if (!r.Read()) continue;
            found.Add(new ReportTarget(seq, r.GetString(0), r.GetString(1), r.GetString(2), (Outcome)r.GetInt32(3), (AskMode)r.GetInt32(4), r.GetInt64(5) != 0, Time(r, 6), Time(r, 7), Time(r, 8), Time(r, 9)!.Value,
                r.IsDBNull(10) ? null : r.GetString(10), r.GetInt64(11), r.GetInt64(12), r.IsDBNull(13) ? null : (byte[])r[13], r.IsDBNull(14) ? null : (ReportStatus)r.GetInt32(14), r.GetInt64(15) != 0, Time(r, 16), Time(r, 17)));
        }
        return Task.FromResult<IReadOnlyList<ReportTarget>>(found);

        static DateTimeOffset? Time(SqliteDataReader r, int i) => r.IsDBNull(i) ? null : Micros.ToTime(r.GetInt64(i));
    }

    public Task<IReadOnlyDictionary<CapWindow, StoredUsage>> FindCapUsageAsync(IReadOnlyList<CapWindow> windows, CancellationToken ct)
    {
        var found = new Dictionary<CapWindow, StoredUsage>();
        foreach (var window in windows)
        {
            Bind(_sql!.FindCap, window.AgentId, CapUnitNames.Of(window.Unit), window.Key);
            using var reader = _sql.FindCap.ExecuteReader();
            if (reader.Read()) found[window] = new StoredUsage(reader.GetInt64(0), Micros.ToTime(reader.GetInt64(1)));
        }
        return Task.FromResult<IReadOnlyDictionary<CapWindow, StoredUsage>>(found);
    }

    public Task InsertAsync(Batch batch, CancellationToken ct)
    {
        var sql = _sql!;
        foreach (var a in batch.Audit) sql.Audit.Set(a.Seq).Set(a.At).Set(a.Event).Set(a.Actor).Set(a.Object).Set(a.RolloutId).Set(a.DecisionSeq).SetText(a.Leaf).Set(a.Chain).Run();
        foreach (var p in batch.Payloads) sql.Payload.Set(p.Seq).Set(p.Salt).SetText(p.Body).Run();
        foreach (var d in batch.Decisions)
        {
            sql.Decision.Set(d.Seq).Set(d.Id).Set(d.At).Set(d.AgentId).Set(d.RolloutId).Set((long)d.Mode).Set(d.Action).Set(d.ResourceType).Set(d.ResourceId).Set(d.RunId).Set(d.OnBehalfOf).Set(d.Confidence)
                .Set((long)d.Outcome).Set((long?)d.WouldBe).Set(d.LimitedBy).SetText(Columns.ReasonsToUtf8(d.Reasons)).Set((long?)d.Tier).Set((long)d.Gate).Set(d.RuleId).Set(d.MatrixVersion).Set(d.Write).Set(d.HighConsequence)
                .Set(d.ClaimRequired).Set(d.Digest).Set(d.ArgumentsSeq).Set(d.ReservedUsd).Set(d.ReservedTokens).Set(d.ResolvedAt).Set(d.ValidUntil).Set(d.ReversibleUntil).Set(d.ConfirmBy).Run();
        }
        foreach (var k in batch.Keys) sql.Key.Set(k.AgentId).Set(k.Key).Set(k.BodySha256).Set(k.DecisionSeq).Set(k.Response).Set(k.At).Run();
        foreach (var c in batch.Caps) sql.Cap.Set(c.AgentId).Set(c.Unit).Set(c.WindowKey).Set(c.Used).Set(c.At).Run();
        foreach (var o in batch.Outcomes)
        {
            sql.Outcome.Set(o.DecisionSeq).Set(o.AuditSeq).Set(o.At).Set((long)o.Status).Set(o.Error).Set(o.CostUsd).Set(o.CostTokens).Set(o.WriteCount).Set(o.Late).Set(o.ReportedBy).Set(o.Sha256).Run();
            sql.Reported.Set(o.At).Set((long)o.Status).Set(o.Late).Set(o.DecisionSeq).Run();
        }
        foreach (var w in batch.Written) sql.Written.Set(w.AuditSeq).Set(w.WriteIndex).Set(w.DecisionSeq).Set(w.AgentId).Set(w.RolloutId).Set(w.At).Set(w.System).Set(w.Record).Run();
        foreach (var w in batch.Windows) sql.Window.Set(w.DecisionSeq).Set(w.DecisionId).Set(w.RolloutId).Set(w.AgentId).Set(w.Writes).Set(w.ReportedAt).Set(w.Until).Set(w.Required).Set((long)w.State).Set(w.Version).Run();
        if (batch.Approvals.Count > 0)
        {
            using var db = Context();
            db.Approvals.AddRange(batch.Approvals);
            db.SaveChanges();
        }
        return Task.CompletedTask;
    }

    public Task CommitAsync(Batch batch, CancellationToken ct)
    {
        var h = batch.Head;
        Run(_sql!.WriteHead, h.Seq, h.Chain, h.Epoch, Micros.From(h.LastAt), MicrosOrNull(h.PausedAt), h.PausedReason, h.PausedBy);
        _transaction!.Commit();
        _transaction.Dispose();
        _transaction = null;
        return Task.CompletedTask;
    }

    public Task RollbackAsync()
    {
        _transaction?.Rollback();
        _transaction?.Dispose();
        _transaction = null;
        return Task.CompletedTask;
    }

    public async Task ResetAsync()
    {
        var (transaction, sql, connection) = (_transaction, _sql, _connection);
        (_transaction, _sql, _connection) = (null, null, null);
        await Discarded.AllAsync(transaction, sql, connection);
    }

    public OpsDbContext Context()
    {
        var db = new SqliteOpsDbContext(SqliteOpsDbContext.Options(_connection!));
        db.Database.UseTransaction(_transaction!);
        return db;
    }

    public async ValueTask DisposeAsync() => await ResetAsync();

    private static object MicrosOrNull(DateTimeOffset? at) => at is { } value ? Micros.From(value) : DBNull.Value;

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        Bind(command, values);
        command.ExecuteNonQuery();
    }

    private static void Bind(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i] ?? DBNull.Value;
    }

    private sealed class Prepared(SqliteConnection connection) : IAsyncDisposable
    {
        private readonly List<SqliteCommand> _all = [];
        private readonly List<SqliteStatement> _statements = [];

        public SqliteCommand ReadHead => field ??= Make("SELECT seq, chain, epoch, last_at, paused_at, paused_reason, paused_by FROM log_head WHERE id = 1", 0);
        public SqliteCommand WriteHead => field ??= Make("UPDATE log_head SET seq=$0, chain=$1, epoch=$2, last_at=$3, paused_at=$4, paused_reason=$5, paused_by=$6 WHERE id = 1", 7);
        public SqliteCommand FindKey => field ??= Make("SELECT body_sha256, decision_seq, response, at FROM idempotency_keys WHERE agent_id=$0 AND key=$1", 2);
        public SqliteCommand FindCap => field ??= Make("SELECT used, at FROM cap_usage WHERE agent_id=$0 AND unit=$1 AND window_key=$2", 3);
        public SqliteCommand FindTarget => field ??= Make(
            "SELECT d.id, d.agent_id, d.rollout_id, d.outcome, d.mode, d.claim_required, d.claimed_at, d.valid_until, d.reported_at, d.at, d.run_id, d.reserved_usd, d.reserved_tokens, o.sha256, o.status, d.late, d.reversible_until, d.confirm_by " +
            "FROM decisions d LEFT JOIN outcomes o ON o.decision_seq = d.seq WHERE d.seq=$0", 1);
        public SqliteStatement Audit => field ??= Insert("audit_entries", "seq, at, event, actor, object, rollout_id, decision_seq, leaf, chain");
        public SqliteStatement Payload => field ??= Insert("audit_payloads", "seq, salt, body");
        public SqliteStatement Decision => field ??= Insert("decisions",
            "seq, id, at, agent_id, rollout_id, mode, action, resource_type, resource_id, run_id, on_behalf_of, confidence, outcome, would_be, limited_by, reasons, tier, gate, rule_id, matrix_version, write, high_consequence, " +
            "claim_required, digest, arguments_seq, reserved_usd, reserved_tokens, resolved_at, valid_until, reversible_until, confirm_by", "late", "0");
        public SqliteStatement Key => field ??= Statement("INSERT INTO idempotency_keys(agent_id, key, body_sha256, decision_seq, response, at) VALUES(?,?,?,?,?,?) " +
            "ON CONFLICT(agent_id, key) DO UPDATE SET body_sha256=excluded.body_sha256, decision_seq=excluded.decision_seq, response=excluded.response, at=excluded.at");
        public SqliteStatement Cap => field ??= Statement("INSERT INTO cap_usage(agent_id, unit, window_key, used, at) VALUES(?,?,?,?,?) ON CONFLICT(agent_id, unit, window_key) DO UPDATE SET used=excluded.used, at=excluded.at");
        public SqliteStatement Outcome => field ??= Insert("outcomes", "decision_seq, audit_seq, at, status, error, cost_usd, cost_tokens, write_count, late, reported_by, sha256");
        public SqliteStatement Window => field ??= Insert("reversible_windows", "decision_seq, decision_id, rollout_id, agent_id, writes, reported_at, until, required, state, version");
        public SqliteStatement Written => field ??= Insert("written_records", "audit_seq, write_index, decision_seq, agent_id, rollout_id, at, system, record");
        public SqliteStatement Reported => field ??= Statement("UPDATE decisions SET reported_at=?, report_status=?, late=? WHERE seq=?");

        public void Use(SqliteTransaction transaction)
        {
            foreach (var command in _all) command.Transaction = transaction;
            _current = transaction;
        }

        private SqliteTransaction? _current;

        private SqliteStatement Insert(string table, string columns, string? fixedColumn = null, string? fixedValue = null)
        {
            var values = string.Join(",", Enumerable.Repeat("?", columns.Count(c => c == ',') + 1));
            return Statement($"INSERT INTO {table}({columns}{(fixedColumn is null ? "" : ", " + fixedColumn)}) VALUES({values}{(fixedValue is null ? "" : ", " + fixedValue)})");
        }

        private SqliteStatement Statement(string text)
        {
            var statement = new SqliteStatement(connection, text);
            _statements.Add(statement);
            return statement;
        }

        private SqliteCommand Make(string text, int parameters)
        {
            var command = connection.CreateCommand();
            command.CommandText = text;
            command.Transaction = _current;
            for (var i = 0; i < parameters; i++) command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i });
            command.Prepare();
            _all.Add(command);
            return command;
        }

        public ValueTask DisposeAsync()
        {
            foreach (var command in _all) command.Dispose();
            foreach (var statement in _statements) statement.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

internal static class CapUnitNames
{
    public static string Of(CapUnit unit) => unit switch { CapUnit.Usd => "usd", CapUnit.Tokens => "tokens", _ => "decisions" };
    public static CapUnit Parse(string name) => name switch { "usd" => CapUnit.Usd, "tokens" => CapUnit.Tokens, _ => CapUnit.Decisions };
}
