using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Access;

/// <summary>
/// The first admin: by settings before the first request is served, or by a one-time link that is printed once the console listens.
/// There is no default account. While nobody exists every start prints a new link, and the earlier ones stop working.
/// </summary>
internal sealed class SetupService(DurableWriter writer, IOptions<SetupOptions> options, IPasswordHasher<OpsUser> hasher, IDbContextFactory<OpsDbContext> contexts,
    IHostApplicationLifetime lifetime, IServer server, PublicAddress address, TimeProvider time) : IHostedService
{
    private static readonly TimeSpan LinkLives = TimeSpan.FromHours(24);
    private static readonly Actor Setup = new("system", "setup", "setup");
    private static readonly Fault Invalid = Fault.NotFound("setup link") with { Message = "This setup link has been used or is not valid any more. While nobody exists, restarting the console prints a new one." };
    private CancellationTokenRegistration _started;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await writer.Ready.WaitAsync(cancellationToken);
        if (writer.State.Directory.People.Count > 0) return;
        if (options.Value.Given)
        {
            var made = await CreateAdminAsync(options.Value.AdminEmail!, options.Value.AdminEmail!.Split('@')[0], options.Value.AdminPassword!, options.Value.AdminToken, null);
            if (made.Fault is { Kind: not FaultKind.NotFound } fault) throw new InvalidOperationException($"{SetupOptions.Section}: the first admin could not be created. {fault.Message}");
            return;
        }
        var (code, hash) = Secrets.NewCode();
        var link = await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            foreach (var earlier in await scope.Db.Invitations.Where(i => i.Setup && i.UsedAt == null).ToListAsync(ct)) earlier.Use(scope.Now);
            scope.Db.Invitations.Add(new Invitation(Secrets.NewId("inv"), hash, null, null, setup: true, scope.Now, scope.Now + LinkLives));
            return Done.Value;
        });
        if (link.Ok) _started = lifetime.ApplicationStarted.Register(() => Print(code));
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _started.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Whether nobody has an account yet.</summary>
    public bool NobodyYet => writer.State.Directory.People.Count == 0;

    /// <summary>Whether the link still works.</summary>
    public async Task<bool> IsOpenAsync(string code, CancellationToken ct)
    {
        if (writer.State.Directory.People.Count > 0) return false;
        await using var db = await contexts.CreateDbContextAsync(ct);
        var hash = Secrets.Hash(code);
        return await db.Invitations.AsNoTracking().SingleOrDefaultAsync(i => i.CodeHash == hash && i.Setup, ct) is { } invitation && invitation.Open(time.GetUtcNow());
    }

    /// <summary>Creates the first admin with a link's code. Faults: not found (used, expired, somebody exists), <c>field.invalid</c>, <c>password.…</c>.</summary>
    public async Task<Result<PersonEntry>> UseAsync(string code, string? name, string? email, string? password, CancellationToken ct)
    {
        if (!await IsOpenAsync(code, ct)) return Invalid;
        if (string.IsNullOrWhiteSpace(name) || name.Trim().Length > 200) return Fault.Invalid("field.required", "Your name is needed: it stands beside everything you decide.", "name");
        if (PeopleService.WrongName(name) is { } wrong) return wrong;
        if (!PeopleService.IsEmail(email)) return Fault.Invalid("field.invalid", "This is not an e-mail address.", "email");
        if (PasswordRules.Check(password, email) is { } fault) return fault;
        return await CreateAdminAsync(email!, name, password!, null, Secrets.Hash(code));
    }

    private async Task<Result<PersonEntry>> CreateAdminAsync(string email, string name, string password, string? token, byte[]? codeHash)
    {
        var user = Accounts.New(email, name, ConsoleRoles.Admin, time.GetUtcNow());
        user.PasswordHash = hasher.HashPassword(user, password);
        var made = await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (await scope.Db.Users.AnyAsync(ct)) return Invalid;
            if (codeHash is not null)
            {
                var invitation = await scope.Db.Invitations.SingleOrDefaultAsync(i => i.CodeHash == codeHash && i.Setup, ct);
                if (invitation is null || !invitation.Open(scope.Now)) return Invalid;
                invitation.Use(scope.Now);
            }
            scope.Db.Users.Add(user);
            scope.Audit(Setup, "person.created", user.Id, new { roles = user.Roles.Wire(), by = codeHash is null ? "settings" : "link" }, payload: new { email = user.Email, name = user.Name });
            if (!string.IsNullOrEmpty(token) && Secrets.TrySplit(token, "opp", out var id, out var secret))
            {
                scope.Db.PersonalTokens.Add(new PersonalToken(id, user.Id, Secrets.Hash(secret), ["*"], "from the settings", scope.Now, null));
                scope.Audit(Setup, "token.created", id, new { person = user.Id, scopes = "*" });
            }
            scope.AuthorityChanged();
            return Done.Value;
        });
        return made.Fault is { } fault ? fault : writer.State.Directory.People[user.Id];
    }

    private void Print(string code)
    {
        if (writer.State.Directory.People.Count > 0) return;   // the demo brought its own
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost";
        var origin = address.Origin ?? bound.Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal).Replace("//+", "//localhost", StringComparison.Ordinal).Replace("//*", "//localhost", StringComparison.Ordinal);
        Console.Out.WriteLine($"Nobody can sign in yet. Create the first admin with this link, once, within {(int)LinkLives.TotalHours} hours:");
        Console.Out.WriteLine($"  {origin.TrimEnd('/')}/setup/{code}");
        Console.Out.Flush();
    }
}
