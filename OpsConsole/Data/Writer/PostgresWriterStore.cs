using System.Text;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Data.Writer;

/// <summary>PostgreSQL: the head row is locked for the transaction, so several instances take turns; rows go in with one <c>unnest</c> statement per table and batch.</summary>
internal sealed class PostgresWriterStore(NpgsqlDataSource source) : IWriterStore
{
    /// <summary>The channel of <c>LISTEN</c>/<c>NOTIFY</c> on which instances tell each other what moved.</summary>
    public const string Channel = "opsconsole";

    private NpgsqlConnection? _connection;
    private NpgsqlTransaction? _transaction;

    public async Task<LogHead> BeginAsync(CancellationToken ct)
    {
        _connection ??= await source.OpenConnectionAsync(ct);
        _transaction = await _connection.BeginTransactionAsync(ct);
        await using var command = Make("SELECT seq, chain, epoch, last_at, paused_at, paused_reason, paused_by FROM log_head WHERE id = 1 FOR UPDATE");
        await using var r = await command.ExecuteReaderAsync(ct);
        if (!await r.ReadAsync(ct)) throw new InvalidOperationException("The head row of the log is missing: this database was not made by the console.");
        return new LogHead
        {
            Id = 1, Seq = r.GetInt64(0), Chain = r.GetFieldValue<byte[]>(1), Epoch = r.GetInt64(2), LastAt = r.GetFieldValue<DateTimeOffset>(3),
            PausedAt = r.IsDBNull(4) ? null : r.GetFieldValue<DateTimeOffset>(4), PausedReason = r.IsDBNull(5) ? null : r.GetString(5), PausedBy = r.IsDBNull(6) ? null : r.GetString(6),
        };
    }

    public async Task<IReadOnlyList<IdempotencyKey>> FindKeysAsync(IReadOnlyList<(string AgentId, string Key)> keys, CancellationToken ct)
    {
        await using var command = Make("SELECT k.agent_id, k.key, k.body_sha256, k.decision_seq, k.response, k.at FROM unnest($1, $2) AS q(a, k) JOIN idempotency_keys k ON k.agent_id = q.a AND k.key = q.k");
        Add(command, NpgsqlDbType.Text, keys.Select(k => k.AgentId));
        Add(command, NpgsqlDbType.Text, keys.Select(k => k.Key));
        var found = new List<IdempotencyKey>();
        await using var r = await command.ExecuteReaderAsync(ct);
        while (await r.ReadAsync(ct))
            found.Add(new IdempotencyKey { AgentId = r.GetString(0), Key = r.GetString(1), BodySha256 = r.GetFieldValue<byte[]>(2), DecisionSeq = r.GetInt64(3), Response = r.GetString(4), At = r.GetFieldValue<DateTimeOffset>(5) });
        return found;
    }

    public async Task<IReadOnlyList<ReportTarget>> FindReportTargetsAsync(IReadOnlyList<long> seqs, CancellationToken ct)
    {
        await using var command = Make(
            "SELECT d.seq, d.id, d.agent_id, d.rollout_id, d.outcome, d.mode, d.claim_required, d.claimed_at, d.valid_until, d.reported_at, d.at, d.run_id, d.reserved_usd, d.reserved_tokens, o.sha256, o.status, d.late, d.reversible_until, d.confirm_by " +
            "FROM decisions d LEFT JOIN outcomes o ON o.decision_seq = d.seq WHERE d.seq = ANY($1)");
        Add(command, NpgsqlDbType.Bigint, seqs);
        var found = new List<ReportTarget>();
        await using var r = await command.ExecuteReaderAsync(ct);
        while (await r.ReadAsync(ct))
        {
            found.Add(new ReportTarget(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), (Outcome)r.GetInt32(4), (AskMode)r.GetInt32(5), r.GetBoolean(6), Time(7), Time(8), Time(9), Time(10)!.Value,
                r.IsDBNull(11) ? null : r.GetString(11), r.GetInt64(12), r.GetInt64(13), r.IsDBNull(14) ? null : r.GetFieldValue<byte[]>(14), r.IsDBNull(15) ? null : (ReportStatus)r.GetInt32(15), r.GetBoolean(16), Time(17), Time(18)));
        }
        return found;

        DateTimeOffset? Time(int i) => r.IsDBNull(i) ? null : r.GetFieldValue<DateTimeOffset>(i);
    }

    public async Task<IReadOnlyDictionary<CapWindow, StoredUsage>> FindCapUsageAsync(IReadOnlyList<CapWindow> windows, CancellationToken ct)
    {
        await using var command = Make("SELECT q.a, q.u, q.w, c.used, c.at FROM unnest($1, $2, $3) AS q(a, u, w) JOIN cap_usage c ON c.agent_id = q.a AND c.unit = q.u AND c.window_key = q.w");
        Add(command, NpgsqlDbType.Text, windows.Select(w => w.AgentId));
        Add(command, NpgsqlDbType.Text, windows.Select(w => CapUnitNames.Of(w.Unit)));
        Add(command, NpgsqlDbType.Text, windows.Select(w => w.Key));
        var found = new Dictionary<CapWindow, StoredUsage>();
        await using var r = await command.ExecuteReaderAsync(ct);
        while (await r.ReadAsync(ct)) found[new CapWindow(r.GetString(0), CapUnitNames.Parse(r.GetString(1)), r.GetString(2))] = new StoredUsage(r.GetInt64(3), r.GetFieldValue<DateTimeOffset>(4));
        return found;
    }

    public async Task InsertAsync(Batch batch, CancellationToken ct)
    {
        await Insert(batch.Audit, "audit_entries(seq, at, event, actor, object, rollout_id, decision_seq, leaf, chain)", ct,
            (NpgsqlDbType.Bigint, a => a.Seq), (NpgsqlDbType.TimestampTz, a => a.At.UtcDateTime), (NpgsqlDbType.Text, a => a.Event), (NpgsqlDbType.Text, a => a.Actor), (NpgsqlDbType.Text, a => a.Object),
            (NpgsqlDbType.Text, a => a.RolloutId), (NpgsqlDbType.Bigint, a => a.DecisionSeq), (NpgsqlDbType.Text, a => Encoding.UTF8.GetString(a.Leaf)), (NpgsqlDbType.Bytea, a => a.Chain));
        await Insert(batch.Payloads, "audit_payloads(seq, salt, body)", ct, (NpgsqlDbType.Bigint, p => p.Seq), (NpgsqlDbType.Bytea, p => p.Salt), (NpgsqlDbType.Text, p => Encoding.UTF8.GetString(p.Body)));
        await Insert(batch.Decisions,
            "decisions(seq, id, at, agent_id, rollout_id, mode, action, resource_type, resource_id, run_id, on_behalf_of, confidence, outcome, would_be, limited_by, reasons, tier, gate, rule_id, matrix_version, write, " +
            "high_consequence, claim_required, digest, arguments_seq, reserved_usd, reserved_tokens, resolved_at, valid_until, reversible_until, confirm_by, late)", ct,
            (NpgsqlDbType.Bigint, d => d.Seq), (NpgsqlDbType.Text, d => d.Id), (NpgsqlDbType.TimestampTz, d => d.At.UtcDateTime), (NpgsqlDbType.Text, d => d.AgentId), (NpgsqlDbType.Text, d => d.RolloutId),
            (NpgsqlDbType.Integer, d => (int)d.Mode), (NpgsqlDbType.Text, d => d.Action), (NpgsqlDbType.Text, d => d.ResourceType), (NpgsqlDbType.Text, d => d.ResourceId), (NpgsqlDbType.Text, d => d.RunId),
            (NpgsqlDbType.Text, d => d.OnBehalfOf), (NpgsqlDbType.Double, d => d.Confidence), (NpgsqlDbType.Integer, d => (int)d.Outcome), (NpgsqlDbType.Integer, d => (int?)d.WouldBe), (NpgsqlDbType.Text, d => d.LimitedBy),
            (NpgsqlDbType.Text, d => Columns.ToJson(d.Reasons)), (NpgsqlDbType.Integer, d => (int?)d.Tier), (NpgsqlDbType.Integer, d => (int)d.Gate), (NpgsqlDbType.Text, d => d.RuleId), (NpgsqlDbType.Integer, d => d.MatrixVersion),
            (NpgsqlDbType.Boolean, d => d.Write), (NpgsqlDbType.Boolean, d => d.HighConsequence), (NpgsqlDbType.Boolean, d => d.ClaimRequired), (NpgsqlDbType.Bytea, d => d.Digest), (NpgsqlDbType.Bigint, d => d.ArgumentsSeq),
            (NpgsqlDbType.Bigint, d => d.ReservedUsd), (NpgsqlDbType.Bigint, d => d.ReservedTokens), (NpgsqlDbType.TimestampTz, d => d.ResolvedAt?.UtcDateTime), (NpgsqlDbType.TimestampTz, d => d.ValidUntil?.UtcDateTime),
            (NpgsqlDbType.TimestampTz, d => d.ReversibleUntil?.UtcDateTime), (NpgsqlDbType.TimestampTz, d => d.ConfirmBy?.UtcDateTime), (NpgsqlDbType.Boolean, d => d.Late));
        await Insert(batch.Keys, "idempotency_keys(agent_id, key, body_sha256, decision_seq, response, at) " +
            "ON CONFLICT(agent_id, key) DO UPDATE SET body_sha256=excluded.body_sha256, decision_seq=excluded.decision_seq, response=excluded.response, at=excluded.at", ct,
            (NpgsqlDbType.Text, k => k.AgentId), (NpgsqlDbType.Text, k => k.Key), (NpgsqlDbType.Bytea, k => k.BodySha256), (NpgsqlDbType.Bigint, k => k.DecisionSeq), (NpgsqlDbType.Text, k => k.Response), (NpgsqlDbType.TimestampTz, k => k.At.UtcDateTime));
        await Insert(batch.Caps, "cap_usage(agent_id, unit, window_key, used, at) ON CONFLICT(agent_id, unit, window_key) DO UPDATE SET used=excluded.used, at=excluded.at", ct,
            (NpgsqlDbType.Text, c => c.AgentId), (NpgsqlDbType.Text, c => c.Unit), (NpgsqlDbType.Text, c => c.WindowKey), (NpgsqlDbType.Bigint, c => c.Used), (NpgsqlDbType.TimestampTz, c => c.At.UtcDateTime));
        await Insert(batch.Outcomes, "outcomes(decision_seq, audit_seq, at, status, error, cost_usd, cost_tokens, write_count, late, reported_by, sha256)", ct,
            (NpgsqlDbType.Bigint, o => o.DecisionSeq), (NpgsqlDbType.Bigint, o => o.AuditSeq), (NpgsqlDbType.TimestampTz, o => o.At.UtcDateTime), (NpgsqlDbType.Integer, o => (int)o.Status), (NpgsqlDbType.Text, o => o.Error),
            (NpgsqlDbType.Bigint, o => o.CostUsd), (NpgsqlDbType.Bigint, o => o.CostTokens), (NpgsqlDbType.Integer, o => o.WriteCount), (NpgsqlDbType.Boolean, o => o.Late), (NpgsqlDbType.Text, o => o.ReportedBy), (NpgsqlDbType.Bytea, o => o.Sha256));
        await Insert(batch.Written, "written_records(audit_seq, write_index, decision_seq, agent_id, rollout_id, at, system, record)", ct,
            (NpgsqlDbType.Bigint, w => w.AuditSeq), (NpgsqlDbType.Integer, w => w.WriteIndex), (NpgsqlDbType.Bigint, w => w.DecisionSeq), (NpgsqlDbType.Text, w => w.AgentId), (NpgsqlDbType.Text, w => w.RolloutId),
            (NpgsqlDbType.TimestampTz, w => w.At.UtcDateTime), (NpgsqlDbType.Text, w => w.System), (NpgsqlDbType.Text, w => w.Record));
        if (batch.Outcomes.Count > 0)
        {
            await using var command = Make("UPDATE decisions d SET reported_at=o.at, report_status=o.status, late=o.late FROM outcomes o WHERE o.decision_seq = d.seq AND d.seq = ANY($1)");
            Add(command, NpgsqlDbType.Bigint, batch.Outcomes.Select(o => o.DecisionSeq));
            await command.ExecuteNonQueryAsync(ct);
        }
        await Insert(batch.Windows, "reversible_windows(decision_seq, decision_id, rollout_id, agent_id, writes, reported_at, until, required, state, version)", ct,
            (NpgsqlDbType.Bigint, w => w.DecisionSeq), (NpgsqlDbType.Text, w => w.DecisionId), (NpgsqlDbType.Text, w => w.RolloutId), (NpgsqlDbType.Text, w => w.AgentId), (NpgsqlDbType.Integer, w => w.Writes), (NpgsqlDbType.TimestampTz, w => w.ReportedAt.UtcDateTime),
            (NpgsqlDbType.TimestampTz, w => w.Until.UtcDateTime), (NpgsqlDbType.Boolean, w => w.Required), (NpgsqlDbType.Integer, w => (int)w.State), (NpgsqlDbType.Bigint, w => w.Version));
        if (batch.Approvals.Count > 0)
        {
            await using var db = Context();
            db.Approvals.AddRange(batch.Approvals);
            await db.SaveChangesAsync(ct);
        }
    }

    public async Task CommitAsync(Batch batch, CancellationToken ct)
    {
        var h = batch.Head;
        await using var command = Make("UPDATE log_head SET seq=$1, chain=$2, epoch=$3, last_at=$4, paused_at=$5, paused_reason=$6, paused_by=$7 WHERE id = 1");
        foreach (var value in new object?[] { h.Seq, h.Chain, h.Epoch, h.LastAt.UtcDateTime, h.PausedAt?.UtcDateTime, h.PausedReason, h.PausedBy })
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        await command.ExecuteNonQueryAsync(ct);
        if (batch.Topics.Count > 0)
        {
            await using var notify = Make("SELECT pg_notify($1, t) FROM unnest($2) AS t");
            notify.Parameters.Add(new NpgsqlParameter { Value = Channel });
            Add(notify, NpgsqlDbType.Text, batch.Topics.OrderByDescending(t => t == "state"));   // heard one by one: authority first
            await notify.ExecuteNonQueryAsync(ct);
        }
        await _transaction!.CommitAsync(ct);
        await _transaction.DisposeAsync();
        _transaction = null;
    }

    public async Task RollbackAsync()
    {
        if (_transaction is null) return;
        await _transaction.RollbackAsync();
        await _transaction.DisposeAsync();
        _transaction = null;
    }

    public async Task ResetAsync()
    {
        var (transaction, connection) = (_transaction, _connection);
        (_transaction, _connection) = (null, null);
        await Discarded.AllAsync(transaction, connection);
    }

    public OpsDbContext Context()
    {
        var db = new PostgresOpsDbContext(PostgresOpsDbContext.Options(_connection!));
        db.Database.UseTransaction(_transaction!);
        return db;
    }

    public async ValueTask DisposeAsync() => await ResetAsync();

    private NpgsqlCommand Make(string text) => new(text, _connection, _transaction);

    private static void Add<T>(NpgsqlCommand command, NpgsqlDbType type, IEnumerable<T> values)
        => command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type, Value = values.ToArray() });

    private async Task Insert<T>(List<T> rows, string into, CancellationToken ct, params (NpgsqlDbType Type, Func<T, object?> Value)[] columns)
    {
        if (rows.Count == 0) return;
        // "table(columns) ON CONFLICT …" : what comes after the column list goes behind the rows.
        var end = into.IndexOf(')') + 1;
        await using var command = Make($"INSERT INTO {into[..end]} SELECT * FROM unnest({string.Join(",", Enumerable.Range(1, columns.Length).Select(i => "$" + i))}) {into[end..]}");
        foreach (var (type, value) in columns)
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | type, Value = Column(rows, type, value) });
        await command.ExecuteNonQueryAsync(ct);
    }

    // Npgsql wants typed arrays; nullable ones for columns that may be empty.
    private static Array Column<T>(List<T> rows, NpgsqlDbType type, Func<T, object?> value) => type switch
    {
        NpgsqlDbType.Bigint => rows.ConvertAll(r => (long?)value(r)).ToArray(),
        NpgsqlDbType.Integer => rows.ConvertAll(r => (int?)value(r)).ToArray(),
        NpgsqlDbType.Boolean => rows.ConvertAll(r => (bool?)value(r)).ToArray(),
        NpgsqlDbType.Double => rows.ConvertAll(r => (double?)value(r)).ToArray(),
        NpgsqlDbType.TimestampTz => rows.ConvertAll(r => (DateTime?)value(r)).ToArray(),
        NpgsqlDbType.Bytea => rows.ConvertAll(r => (byte[]?)value(r)).ToArray(),
        _ => rows.ConvertAll(r => (string?)value(r)).ToArray(),
    };
}
