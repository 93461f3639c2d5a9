using OpsConsole.Core.Audit;
using OpsConsole.Core.Caps;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Tests.Support;

/// <summary>A store that fails where it is told to: before the step, or (<c>committed</c>) after the commit has arrived and only its answer is lost.</summary>
internal sealed class FaultyStore(IWriterStore inner) : IWriterStore
{
    /// <summary>The exception for a step (<c>begin</c>, <c>insert</c>, <c>commit</c>, <c>committed</c>), or null to let it through.</summary>
    public Func<string, Exception?> Fault { get; set; } = _ => null;

    public Task<LogHead> BeginAsync(CancellationToken ct) => At("begin", () => inner.BeginAsync(ct));
    public Task<IReadOnlyList<IdempotencyKey>> FindKeysAsync(IReadOnlyList<(string AgentId, string Key)> keys, CancellationToken ct) => inner.FindKeysAsync(keys, ct);
    public Task<IReadOnlyList<ReportTarget>> FindReportTargetsAsync(IReadOnlyList<long> seqs, CancellationToken ct) => inner.FindReportTargetsAsync(seqs, ct);
    public Task<IReadOnlyDictionary<CapWindow, StoredUsage>> FindCapUsageAsync(IReadOnlyList<CapWindow> windows, CancellationToken ct) => inner.FindCapUsageAsync(windows, ct);
    public Task InsertAsync(Batch batch, CancellationToken ct) => At("insert", async () => { await inner.InsertAsync(batch, ct); return 0; });

    public async Task CommitAsync(Batch batch, CancellationToken ct)
    {
        await At("commit", async () => { await inner.CommitAsync(batch, ct); return 0; });
        if (Fault("committed") is { } fault) throw fault;
    }

    public Task RollbackAsync() => inner.RollbackAsync();
    public Task ResetAsync() => inner.ResetAsync();
    public OpsDbContext Context() => inner.Context();
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private Task<T> At<T>(string step, Func<Task<T>> go) => Fault(step) is { } fault ? Task.FromException<T>(fault) : go();
}
