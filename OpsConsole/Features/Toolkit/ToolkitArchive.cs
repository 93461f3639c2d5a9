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
        // A row finds the entry; what is told is what the entry says, which nobody can write without the chain.
        var ids = await db.ToolkitExports.AsNoTracking().Where(e => e.Sha256 == hash).Select(e => e.Id).ToListAsync(ct);
        var entries = await db.Audit.AsNoTracking().Where(a => a.Event != RowRules.AskedEvent && ids.Contains(a.Object) && a.Event == ToolkitDesk.Exported).OrderBy(a => a.Seq).ToListAsync(ct);
        var told = entries.Where(a => a.RolloutId is { } rollout && Sight.Rollout(state, caller, rollout).Ok).Select(a => (a.RolloutId, Entry: LogEvent.Of(a.Seq, a.Leaf, null))).FirstOrDefault(e => e.Entry?.Word("sha256") == Convert.ToHexStringLower(hash));
        return told.Entry is null ? new Fault(FaultKind.NotFound, NotOurs, "There is no export with this SHA-256 in a rollout that you may see: the file is none of this console's, or it was altered.") : View(told.RolloutId!, told.Entry, state);
    }

    private static ExportView View(string rolloutId, LogEvent e, ConsoleState state)
        => new(e.Object, rolloutId, state.Rollouts.TryGetValue(rolloutId, out var rollout) ? rollout.Name : rolloutId, e.Word("what") ?? "", e.Word("sha256")!, (int)(e.Number("bytes") ?? 0), state.Directory.NameOf(e.Actor[(e.Actor.IndexOf(':', StringComparison.Ordinal) + 1)..]), e.At,
            e.Number("worksheets") ?? 0, (int)(e.Number("matrix") ?? 0), e.Number("log") ?? 0);

    private static ExportView View(ToolkitExport e, ConsoleState state)
        => new(e.Id, e.RolloutId, state.Rollouts.TryGetValue(e.RolloutId, out var rollout) ? rollout.Name : e.RolloutId, e.What, Convert.ToHexStringLower(e.Sha256), e.Bytes, state.Directory.NameOf(e.By), e.At, e.SheetsSequence, e.MatrixVersion, e.LogSequence);
}
