using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;
using System.Security.Cryptography;
using System.Text;

namespace OpsConsole.Features.Toolkit;

/// <summary>How a rollout's documents look.</summary>
/// <param name="Logo">As a <c>data:</c> address; null: none.</param>
/// <param name="Stamp">Of what is shown; say it as <c>seen</c> to change just that.</param>
/// <param name="Own">The team has set it; else it is the console's.</param>
public sealed record LiveryView(string Accent, string Confidentiality, string? Logo, string Stamp, bool Own, bool MayChange);

/// <summary><c>PUT rollouts/{id}/toolkit/livery</c>.</summary>
/// <param name="Logo">A <c>data:</c> address in base64 (PNG, JPEG, SVG); null: none.</param>
/// <param name="Seen">The <c>stamp</c> of the look that is changed; absent: whatever it is now.</param>
public sealed record LiveryRequest(string Accent, string Confidentiality, string? Logo, string? Seen = null)
{
    internal static LiveryRequest Read(Fields fields) => new(fields.Text("accent", 7, required: true) ?? "", fields.Text("confidentiality", RolloutLivery.LongestLine) ?? "", fields.Text("logo", RolloutLivery.MostLogo * 3 / 2), fields.Text("seen", 64));
}

/// <summary>The team's logo, colour and confidentiality line on its documents. Signals <c>toolkit:&lt;rollout&gt;</c>.</summary>
internal sealed class LiveryDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, Livery console)
{
    /// <summary>The rollout's own look, else the console's. Whoever calls has checked that the rollout may be seen.</summary>
    public async Task<Livery> OfAsync(string rolloutId, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.Liveries.AsNoTracking().SingleOrDefaultAsync(l => l.RolloutId == rolloutId, ct) is { } own ? Of(own) : console;
    }

    public async Task<Result<LiveryView>> ReadAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        if (Sight.Rollout(writer.State, caller, id).Fault is { } hidden) return hidden;
        var livery = await OfAsync(id, ct);
        return new LiveryView(livery.Accent, livery.Confidentiality, livery.Logo, Stamp(livery), !ReferenceEquals(livery, console), May(writer.State, caller, id).Ok);
    }

    /// <summary>Faults: not found, forbidden, <c>field.invalid</c>, <c>toolkit.livery_moved</c> when somebody changed it meanwhile.</summary>
    public async Task<Result<Done>> SetAsync(PersonCaller caller, string id, LiveryRequest request)
    {
        if (MayChange(caller, id) is { } forbidden) return forbidden;
        byte[]? logo = null;
        if (!string.IsNullOrEmpty(request.Logo))
        {
            var comma = request.Logo.IndexOf(";base64,", StringComparison.Ordinal);
            var bytes = new byte[request.Logo.Length];
            if (comma < 0 || !Convert.TryFromBase64String(request.Logo[(comma + 8)..], bytes, out var length)) return Fault.Invalid("field.invalid", "The logo must be a data: address in base64, such as data:image/png;base64,….", "logo");
            logo = bytes[..length];
        }
        return await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (May(scope.State, caller, id).Fault is { } fault) return fault;
            var own = await scope.Db.Liveries.SingleOrDefaultAsync(l => l.RolloutId == id, ct);
            if (request.Seen is { } seen && seen != Stamp(own is null ? console : Of(own))) return Fault.Conflict("toolkit.livery_moved", "Somebody has just changed how the documents look. Look at it again, then change it.");
            var set = own ?? new RolloutLivery(id);
            if (set.Set(request.Accent, request.Confidentiality.Trim(), logo) is { } wrong) return wrong;
            if (own is null) scope.Db.Liveries.Add(set);
            scope.Audit(caller.Actor, "toolkit.livery_set", id, new { accent = set.Accent, confidentiality = set.Confidentiality, logo_sha256 = logo is null ? null : Convert.ToHexStringLower(SHA256.HashData(logo)) }, rolloutId: id);
            scope.Signal("toolkit:" + id);
            return Done.Value;
        });
    }

    /// <summary>Back to the console's look. Faults: not found, forbidden.</summary>
    public Task<Result<Done>> ResetAsync(PersonCaller caller, string id)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (May(scope.State, caller, id).Fault is { } fault) return fault;
            if (await scope.Db.Liveries.SingleOrDefaultAsync(l => l.RolloutId == id, ct) is not { } own) return Done.Value;
            scope.Db.Liveries.Remove(own);
            scope.Audit(caller.Actor, "toolkit.livery_reset", id, rolloutId: id);
            scope.Signal("toolkit:" + id);
            return Done.Value;
        });

    public Fault? MayChange(PersonCaller caller, string id) => May(writer.State, caller, id).Fault;

    private static Result<Done> May(Core.Decisions.ConsoleState state, PersonCaller caller, string id)
    {
        var may = Sight.Rollout(state, caller, id, Permissions.MayEdit, "How the documents look is set by the rollout's owners, a facilitator or an admin.");
        return may.Fault is { } fault ? fault : Done.Value;
    }

    private static Livery Of(RolloutLivery own) => new(Livery.Address(own.Logo), own.Accent, own.Confidentiality);

    private static string Stamp(Livery livery) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{livery.Accent}\n{livery.Confidentiality}\n{livery.Logo}")))[..16];
}
