using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Toolkit;

/// <summary>A link that opens one exported file, without signing in, until it expires or is ended.</summary>
public sealed record SharedLink(string Path, DateTimeOffset Until);

/// <summary>A file that has a link.</summary>
/// <param name="MakerSees">Whoever made it may see the rollout; else it opens nothing until they may again.</param>
/// <param name="Opened">How often, as far as it is on record: openings within a minute count once.</param>
public sealed record LinkView(string Id, string ExportId, string File, int Bytes, string ByName, DateTimeOffset MadeAt, DateTimeOffset Until, int Opened, DateTimeOffset? OpenedAt, bool MakerSees);

/// <summary>Links to exported files. A file is kept as long as its link lives, in parts that are written before the link opens.</summary>
internal sealed class ToolkitLinks(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, IDataProtectionProvider protection, TimeProvider time)
{
    /// <summary>How long a link may live, in days.</summary>
    public const int MostDays = 30;
    /// <summary>Files with a link stand in the database: at most so large, and so many of one rollout at a time.</summary>
    public const int MostBytes = 20_000_000, MostShared = 20;
    private static readonly Fault Over = new(FaultKind.NotFound, "toolkit.link_over", "This link has expired or was ended, or is none of this console's. Ask whoever sent it for a new one.");
    private static readonly Actor Guest = new("system", "console", "link");
    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("OpsConsole.Toolkit.Link").ToTimeLimitedDataProtector();

    /// <summary>Keeps the file for as long as the link lives; a file that has a link keeps that one. Faults: not found, <c>field.invalid</c> (days), <c>toolkit.too_large_to_share</c>, <c>toolkit.shared_full</c>, <c>toolkit.link_over</c>.</summary>
    public async Task<Result<SharedLink>> ShareAsync(PersonCaller caller, ToolkitFile file, int days)
    {
        if (days is < 1 or > MostDays) return Fault.Invalid("field.invalid", $"A link lives for 1 to {MostDays} days.", "days");
        if (file.Content.Length > MostBytes) return Fault.Refused("toolkit.too_large_to_share", "Files of more than 20 MB are not kept for links. Download it, or choose fewer documents.");
        var begun = await writer.ChangeAsync<FileLink>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, file.RolloutId).Fault is { } hidden) return hidden;
            var living = await scope.Db.FileLinks.Where(l => l.RolloutId == file.RolloutId && l.Until > scope.Now).ToListAsync(ct);
            if (living.Find(l => l.ExportId == file.ExportId && l.MadeAt is not null) is { } made) return made;
            if (living.Count >= MostShared) return Fault.Conflict("toolkit.shared_full", $"There are {MostShared} links to files of this rollout already. End one, or wait until one expires.");
            var link = new FileLink(Secrets.NewId("lnk"), file.ExportId, file.RolloutId, file.Name, file.Content.Length, caller.Id, scope.Now);
            scope.Db.FileLinks.Add(link);
            return link;
        });
        if (begun.Fault is { } refused) return refused;
        var id = begun.Value.Id;
        if (begun.Value.MadeAt is null && await KeepAsync(id, file.Content) is { } stopped) return stopped;
        var until = await writer.ChangeAsync<DateTimeOffset>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, file.RolloutId).Fault is { } hidden) return hidden;
            if (await scope.Db.FileLinks.SingleOrDefaultAsync(l => l.Id == id && l.Until > scope.Now, ct) is not { } link) return Over;
            var end = scope.Now.AddDays(days);
            link.Make(scope.Now, end);
            scope.Audit(caller.Actor, "toolkit.shared", file.ExportId, new { link = id, until = end, sha256 = file.Sha256 }, rolloutId: file.RolloutId);
            scope.Signal("toolkit:" + file.RolloutId);
            return end;
        });
        return until.Fault is { } fault ? fault : new SharedLink("/shared/" + _seal.Protect(id, until.Value), until.Value);
    }

    // One small change each: decisions come in between.
    private async Task<Fault?> KeepAsync(string id, byte[] content)
    {
        foreach (var (number, part) in content.Chunk(FilePart.MostBytes).Index())
        {
            var kept = await writer.ChangeAsync<Done>(async (scope, ct) =>
            {
                if (!await scope.Db.FileLinks.AnyAsync(l => l.Id == id && l.Until > scope.Now, ct)) return Over;   // cleared meanwhile: a part would belong to nothing
                scope.Db.FileParts.Add(new FilePart(id, number, part));
                return Done.Value;
            });
            if (kept.Fault is { } fault) return fault;
        }
        return null;
    }

    /// <summary>The files of a rollout that a link opens now; the one that ends first comes first.</summary>
    public async Task<Result<IReadOnlyList<LinkView>>> ListAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        var now = time.GetUtcNow();
        await using var db = await factory.CreateDbContextAsync(ct);
        var links = await db.FileLinks.AsNoTracking().Where(l => l.RolloutId == id && l.Until > now).OrderBy(l => l.Until).ToListAsync(ct);
        return links.FindAll(l => l.Opens(now)).ConvertAll(l => new LinkView(l.Id, l.ExportId, l.Name, l.Bytes, state.Directory.NameOf(l.By), l.MadeAt!.Value, l.Until, l.Opened, l.OpenedAt, MakerSees(state, l)));
    }

    /// <summary>The link opens nothing from now on; whoever may make one may end one. The file goes with the next clearing. Faults: not found, also when it is over already.</summary>
    public Task<Result<Done>> EndAsync(PersonCaller caller, string rolloutId, string linkId) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (Sight.Rollout(scope.State, caller, rolloutId).Fault is { } hidden) return hidden;
        if (await scope.Db.FileLinks.SingleOrDefaultAsync(l => l.Id == linkId && l.RolloutId == rolloutId, ct) is not { } link || !link.Opens(scope.Now)) return new Fault(FaultKind.NotFound, Over.Code, "This link has expired or was ended already.");
        scope.Audit(caller.Actor, "toolkit.unshared", link.ExportId, new { link = link.Id, until = link.Until }, rolloutId: rolloutId);
        scope.Signal("toolkit:" + rolloutId);
        link.End();
        return Done.Value;
    });

    /// <summary>What a link opens. That it was opened is on record before anybody has the file, once in a minute. Faults: <c>toolkit.link_over</c> when it is not ours or opens nothing any more, and the writer's.</summary>
    /// <param name="address">Where it is opened from; on record in an erasable payload.</param>
    public async Task<Result<FileLink>> OpenAsync(string token, string address, CancellationToken ct)
    {
        string id;
        try { id = _seal.Unprotect(token); }
        catch (CryptographicException) { return Over; }
        FileLink? link;
        await using (var db = await factory.CreateDbContextAsync(ct)) link = await db.FileLinks.AsNoTracking().SingleOrDefaultAsync(l => l.Id == id, ct);
        var now = time.GetUtcNow();
        if (link is null || !link.Opens(now) || !MakerSees(writer.State, link)) return Over;
        return link.IsFresh(now) ? link : await writer.ChangeAsync<FileLink>(async (scope, inner) =>
        {
            if (await scope.Db.FileLinks.SingleOrDefaultAsync(l => l.Id == id, inner) is not { } opened || !opened.Opens(scope.Now) || !MakerSees(scope.State, opened)) return Over;
            if (!opened.Open(scope.Now)) return opened;   // somebody else in this moment
            scope.Audit(Guest, "toolkit.opened", opened.ExportId, new { link = id }, new { address }, opened.RolloutId);
            scope.Signal("toolkit:" + opened.RolloutId);
            return opened;
        });
    }

    // A link shows no more than whoever made it may see today.
    private static bool MakerSees(ConsoleState state, FileLink link)
        => state.Directory.People.TryGetValue(link.By, out var maker) && state.Rollouts.TryGetValue(link.RolloutId, out var rollout) && Permissions.MaySee(maker, rollout, state.Directory);

    /// <summary>The file, a part at a time: a slow reader holds nothing. False when it went meanwhile.</summary>
    public async Task<bool> CopyAsync(FileLink link, Stream to, CancellationToken ct)
    {
        for (var (number, copied) = (0, 0); copied < link.Bytes; number++)
        {
            byte[]? part;
            await using (var db = await factory.CreateDbContextAsync(ct)) part = await db.FileParts.Where(p => p.LinkId == link.Id && p.Number == number).Select(p => p.Content).SingleOrDefaultAsync(ct);
            if (part is null) return false;
            await to.WriteAsync(part, ct);
            copied += part.Length;
        }
        return true;
    }
}
