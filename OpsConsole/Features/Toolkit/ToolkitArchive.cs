using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
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

/// <summary>A link that opens one exported file, without signing in, until it expires.</summary>
public sealed record SharedLink(string Path, DateTimeOffset Until);

/// <summary>What was exported, whether a file is one of them, and links to files.</summary>
internal sealed class ToolkitArchive(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, IDataProtectionProvider protection, TimeProvider time)
{
    public const string NotOurs = "toolkit.not_ours";
    /// <summary>How long a link may live, in days.</summary>
    public const int MostDays = 30;
    /// <summary>Files with a link stand in the database: at most so large, and so many of one rollout at a time.</summary>
    public const int MostBytes = 20_000_000, MostShared = 20;
    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("OpsConsole.Toolkit.Link").ToTimeLimitedDataProtector();

    /// <summary>The newest exports of a rollout.</summary>
    public async Task<Result<IReadOnlyList<ExportView>>> ListAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await db.ToolkitExports.AsNoTracking().Where(e => e.RolloutId == id).OrderByDescending(e => e.At).Take(50).ToListAsync(ct);
        return rows.ConvertAll(e => View(e, state));
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

    /// <summary>Keeps the file for as long as the link lives. Faults: not found, <c>field.invalid</c> (days), <c>toolkit.too_large_to_share</c>, <c>toolkit.shared_full</c>.</summary>
    public async Task<Result<SharedLink>> ShareAsync(PersonCaller caller, ToolkitFile file, int days)
    {
        if (days is < 1 or > MostDays) return Fault.Invalid("field.invalid", $"A link lives for 1 to {MostDays} days.", "days");
        if (file.Content.Length > MostBytes) return Fault.Refused("toolkit.too_large_to_share", "Files of more than 20 MB are not kept for links. Download it, or choose fewer documents.");
        var until = await writer.ChangeAsync<DateTimeOffset>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, file.RolloutId).Fault is { } hidden) return hidden;
            var end = scope.Now.AddDays(days);
            if (await scope.Db.SharedFiles.SingleOrDefaultAsync(f => f.ExportId == file.ExportId, ct) is { } kept) kept.KeepUntil(end);
            else if (await scope.Db.SharedFiles.CountAsync(f => f.RolloutId == file.RolloutId && f.Until > scope.Now, ct) >= MostShared) return Fault.Conflict("toolkit.shared_full", $"There are {MostShared} links to files of this rollout already. Wait until one expires.");
            else scope.Db.SharedFiles.Add(new SharedFile(file.ExportId, file.RolloutId, file.Name, file.Content, end));
            scope.Audit(caller.Actor, "toolkit.shared", file.ExportId, new { until = end, sha256 = file.Sha256 }, rolloutId: file.RolloutId);
            return end;
        });
        return until.Fault is { } fault ? fault : new SharedLink("/shared/" + _seal.Protect(file.ExportId, until.Value), until.Value);
    }

    /// <summary>The file that a link leads to; null when the link is not ours, has expired, or its file is gone.</summary>
    public async Task<SharedFile?> OpenAsync(string token, CancellationToken ct)
    {
        string id;
        try { id = _seal.Unprotect(token); }
        catch (CryptographicException) { return null; }
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.SharedFiles.AsNoTracking().SingleOrDefaultAsync(f => f.ExportId == id, ct) is { } file && file.Until > time.GetUtcNow() ? file : null;
    }

    private static ExportView View(ToolkitExport e, ConsoleState state)
        => new(e.Id, e.RolloutId, state.Rollouts.TryGetValue(e.RolloutId, out var rollout) ? rollout.Name : e.RolloutId, e.What, Convert.ToHexStringLower(e.Sha256), e.Bytes, state.Directory.NameOf(e.By), e.At, e.SheetsSequence, e.MatrixVersion, e.LogSequence);
}
