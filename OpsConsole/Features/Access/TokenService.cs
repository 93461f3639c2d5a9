using System.Collections.Frozen;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>A new personal token; <paramref name="Token"/> can be read this once.</summary>
public sealed record NewToken(string Id, string Token, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt);

/// <summary>A personal token as its owner sees it.</summary>
public sealed record TokenView(string Id, string? Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <summary>Personal tokens: making, listing, revoking. A scope never gives more than the person has.</summary>
internal sealed class TokenService(DurableWriter writer, IDbContextFactory<OpsDbContext> contexts, FreshSignIn fresh, TimeProvider time)
{
    public const int LongestDays = 366, DefaultDays = 90, Most = 100;
    /// <summary>What each scope lets a token do in this console, for people. The other known ones open nothing here, so nobody is offered them.</summary>
    public static readonly IReadOnlyList<(string Scope, string Words)> Offered =
    [
        ("approvals", "list requests, read them and decide those I may decide"), ("decisions", "search decisions, read them and say what became of them"), ("agents", "agents, their grants, caps and keys, and pausing them"),
        ("rollouts", "rollouts, their members, gates and matrices, and pausing them"), ("people", "people, groups and invitations"), ("audit", "read and verify the audit log"), ("admin", "pause and resume everything"), ("*", "everything I may do"),
    ];
    public static readonly IReadOnlyList<string> Scopes = ["rollouts", "agents", "approvals", "decisions", "incidents", "reviews", "toolkit", "audit", "people", "admin", "*"];

    /// <summary>Why these cannot be scopes, or null when they can.</summary>
    public static string? Wrong(IReadOnlyList<string> scopes)
        => scopes.Count == 0 ? "names no scope." : scopes.FirstOrDefault(s => !Scopes.Contains(s)) is { } unknown ? $"has '{unknown}', which is no scope. Known are: {string.Join(", ", Scopes)}." : null;

    /// <summary>For somebody who typed their password with it. Faults: <c>field.invalid</c>, <c>tokens.many</c>, <c>session.ended</c>.</summary>
    public Task<Result<NewToken>> CreateAsync(string personId, IReadOnlyList<string> scopes, string? name, int days) => CreateAsync(Actor.Person(personId, "password"), null, scopes, name, days);

    /// <summary>For whoever is signed in: a token outlives the session, so it wants a fresh sign-in (<c>sign_in.stale</c>, 403). Other faults as above.</summary>
    public Task<Result<NewToken>> CreateAsync(PersonCaller me, IReadOnlyList<string> scopes, string? name, int days) => CreateAsync(me.Actor, me, scopes, name, days);

    private async Task<Result<NewToken>> CreateAsync(Actor actor, PersonCaller? me, IReadOnlyList<string> scopes, string? name, int days)
    {
        if (Wrong(scopes) is { } wrong) return Fault.Invalid("field.invalid", "scopes " + wrong, "scopes");
        if (days is < 1 or > LongestDays) return Fault.Invalid("field.invalid", $"expires_in_days must be from 1 to {LongestDays}.", "expires_in_days");
        var (id, text, hash) = Secrets.NewCredential("opp");
        var kept = scopes.Distinct().ToArray();
        var made = await writer.ChangeAsync<DateTimeOffset>(async (scope, ct) =>
        {
            if (!scope.State.Directory.People.TryGetValue(actor.Id, out var person) || !person.Active) return new Fault(FaultKind.Unauthenticated, "session.ended", "This account is not active any more.");
            if (me is not null && await fresh.AskAsync(scope, me, "A token acts as you", ct) is { } stale) return stale;
            var now = scope.Now;
            if (await scope.Db.PersonalTokens.CountAsync(t => t.PersonId == person.Id && t.RevokedAt == null && (t.ExpiresAt == null || t.ExpiresAt > now), ct) >= Most)
                return Fault.Refused("tokens.many", $"There are {Most} live tokens already; revoke some first.");
            var token = new PersonalToken(id, person.Id, hash, kept, string.IsNullOrWhiteSpace(name) ? null : name.Trim(), now, now.AddDays(days));
            scope.Db.PersonalTokens.Add(token);
            scope.Audit(actor, "token.created", id, new { person = person.Id, scopes = string.Join(' ', kept), expires_at = token.ExpiresAt!.Value.ToUnixTimeSeconds() });
            scope.AuthorityChanged();
            return token.ExpiresAt.Value;
        });
        return made.Fault is { } fault ? fault : new NewToken(id, text, kept, made.Value);
    }

    /// <summary>The person's own live tokens, newest first.</summary>
    public async Task<IReadOnlyList<TokenView>> ListAsync(PersonCaller me, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        var tokens = await db.PersonalTokens.AsNoTracking().Where(t => t.PersonId == me.Id && t.RevokedAt == null).ToListAsync(ct);
        var now = time.GetUtcNow();
        return [.. tokens.Where(t => t.Live(now)).OrderByDescending(t => t.CreatedAt).Select(t => new TokenView(t.Id, t.Name, t.Scopes, t.CreatedAt, t.ExpiresAt, t.LastUsedAt))];
    }

    /// <summary>
    /// Revokes one's own token, or as an admin (scope <c>admin</c>) anybody's; again is fine. It is refused with the next request. A token may revoke itself; the
    /// person's others only with scope <c>admin</c> or <c>*</c>, so that a script's token cannot stop the other scripts. Faults: not found (also for another's), <c>scope.missing</c>.
    /// </summary>
    public async Task<Result<Done>> RevokeAsync(PersonCaller me, string id)
        => await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            var admin = me.HasScope("admin") && scope.State.Directory.People.TryGetValue(me.Id, out var person) && Permissions.IsAdmin(person);
            if (await scope.Db.PersonalTokens.SingleOrDefaultAsync(t => t.Id == id, ct) is not { } token || (token.PersonId != me.Id && !admin)) return Fault.NotFound("token");
            if (!me.HasScope("admin") && me.Auth != "token:" + id) return Fault.Forbidden("This token may revoke itself. Revoking your other tokens needs the scope 'admin' or '*', or the account page.", "scope.missing");
            if (token.RevokedAt is not null) return Done.Value;
            token.Revoke(scope.Now);
            scope.Audit(me.Actor, "token.revoked", id, new { person = token.PersonId });
            scope.AuthorityChanged();
            return Done.Value;
        });

    /// <summary>Revokes whatever tokens a person has.</summary>
    internal static async Task RevokeAllAsync(ChangeScope scope, Actor actor, string personId, string why, CancellationToken ct)
    {
        foreach (var token in await scope.Db.PersonalTokens.Where(t => t.PersonId == personId && t.RevokedAt == null).ToListAsync(ct))
        {
            token.Revoke(scope.Now);
            scope.Audit(actor, "token.revoked", token.Id, new { person = personId, why });
        }
    }
}
