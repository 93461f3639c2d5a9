using OpsConsole.Core.Audit;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Data.Writer;

/// <summary>What a report needs to know about its decision.</summary>
internal sealed record ReportTarget(long Seq, string Id, string AgentId, string RolloutId, Outcome Outcome, AskMode Mode, bool ClaimRequired, DateTimeOffset? ClaimedAt, DateTimeOffset? ValidUntil,
    DateTimeOffset? ReportedAt, DateTimeOffset At, string? RunId, long ReservedUsd, long ReservedTokens, byte[]? ReportSha256, ReportStatus? ReportStatus, bool Late, DateTimeOffset? ReversibleUntil, DateTimeOffset? ConfirmBy);

/// <summary>A cap counter as it is stored, and when it was last written.</summary>
internal readonly record struct StoredUsage(long Used, DateTimeOffset At);

/// <summary>
/// The writer's own connection to one of the two databases, with prepared commands. One transaction at a time:
/// <see cref="BeginAsync"/>, look-ups, <see cref="InsertAsync"/>, <see cref="CommitAsync"/>. Any exception means: nothing happened, <see cref="ResetAsync"/>.
/// </summary>
internal interface IWriterStore : IAsyncDisposable
{
    /// <summary>Begins a transaction, locks the head row against other instances and returns it.</summary>
    Task<LogHead> BeginAsync(CancellationToken ct);
    Task<IReadOnlyList<IdempotencyKey>> FindKeysAsync(IReadOnlyList<(string AgentId, string Key)> keys, CancellationToken ct);
    Task<IReadOnlyList<ReportTarget>> FindReportTargetsAsync(IReadOnlyList<long> seqs, CancellationToken ct);
    Task<IReadOnlyDictionary<CapWindow, StoredUsage>> FindCapUsageAsync(IReadOnlyList<CapWindow> windows, CancellationToken ct);
    Task InsertAsync(Batch batch, CancellationToken ct);
    /// <summary>Writes the head and commits; durable when it returns.</summary>
    Task CommitAsync(Batch batch, CancellationToken ct);
    Task RollbackAsync();
    /// <summary>Drops the connection after a failure; the next <see cref="BeginAsync"/> opens a new one.</summary>
    Task ResetAsync();
    /// <summary>A context on this connection and in the current transaction.</summary>
    OpsDbContext Context();
}
