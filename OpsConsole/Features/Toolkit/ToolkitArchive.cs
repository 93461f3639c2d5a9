using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Toolkit;

/// <summary>An export as it is on record.</summary>
/// <param name="Data">Worksheets, matrix and log, as <c>123.4.5678</c>.</param>
public sealed record ExportView(string Id, string RolloutId, string Rollout, string What, string Sha256, int Bytes, string ByName, DateTimeOffset At, long Worksheets, int Matrix, long Log);

/// <summary>The newest exports of a rollout.</summary>
public sealed record ExportList(string RolloutName, IReadOnlyList<ExportView> Exports);

/// <summary>What was exported, and whether a file is one of them.</summary>
internal sealed class ToolkitArchive(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    public const string NotOurs = "toolkit.not_ours";

    /// <summary>The newest exports of a rollout.</summary>
    public async Task<Result<ExportList>> ListAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        var rollout = Sight.Rollout(state, caller, id);
        if (rollout.Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await db.ToolkitExports.AsNoTracking().Where(e => e.RolloutId == id).OrderByDescending(e => e.At).Take(50).ToListAsync(ct);
        return new ExportList(rollout.Value.Name, rows.ConvertAll(e => View(e, state)));
    }

    /// <summary>The export that a file is, by its SHA-256 in 64 hex digits. Fault <c>toolkit.not_ours</c>: it is none of ours, or was altered, or shows a rollout that the caller may not see.</summary>
    public async Task<Result<ExportView>> FindAsync(PersonCaller caller, string sha256, CancellationToken ct)
    {
        var state = writer.State;
        if (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigit)) return Fault.Invalid("field.invalid", "A SHA-256 has 64 hex digits.", "sha256");
        var hash = Convert.FromHexString(sha256);
        await using var db = await factory.CreateDbContextAsync(ct);
        var found = await db.ToolkitExports.AsNoTracking().Where(e => e.Sha256 == hash).FirstOrDefaultAsync(ct);
        // The row finds the entry; what counts is the entry, which nobody can write without the chain.
        var leaf = found is null ? null : await db.Audit.AsNoTracking().Where(a => a.Event != RowRules.AskedEvent && a.Object == found.Id && a.Event == ToolkitDesk.Exported).OrderBy(a => a.Seq).Select(a => a.Leaf).FirstOrDefaultAsync(ct);
        var recorded = leaf is not null && LogEvent.Of(0, leaf, null)?.Word("sha256") == Convert.ToHexStringLower(hash);
        return found is null || !recorded || Sight.Rollout(state, caller, found.RolloutId).Fault is not null ? new Fault(FaultKind.NotFound, NotOurs, "There is no export with this SHA-256 in a rollout that you may see: the file is none of this console's, or it was altered.") : View(found, state);
    }

    private static ExportView View(ToolkitExport e, ConsoleState state)
        => new(e.Id, e.RolloutId, state.Rollouts.TryGetValue(e.RolloutId, out var rollout) ? rollout.Name : e.RolloutId, e.What, Convert.ToHexStringLower(e.Sha256), e.Bytes, state.Directory.NameOf(e.By), e.At, e.SheetsSequence, e.MatrixVersion, e.LogSequence);
}
