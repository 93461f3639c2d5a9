using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>
/// What matters most is done in the browser only by somebody who proved lately who they are: an open laptop is not its owner. Tokens are made for scripts,
/// end by themselves and can be revoked; they are not asked.
/// </summary>
/// <param name="limit">How old the last proof may be; null: not asked for.</param>
public sealed class FreshSignIn(TimeSpan? limit)
{
    public const string Code = "sign_in.stale";
    /// <summary>Why it is asked before a request of high consequence is let go or given to somebody else.</summary>
    public const string HighConsequence = "This is of high consequence";

    /// <summary>Why the person has to type their password first, or null. A session of which nobody knows how old it is, is too old.</summary>
    /// <param name="why">The beginning of a sentence.</param>
    public async Task<Fault?> AskAsync(ChangeScope scope, PersonCaller me, string why, CancellationToken ct)
    {
        if (limit is not { } most || !me.InBrowser) return null;
        var proven = await ProvenAtAsync(scope, me, ct);
        return proven is { } at && scope.Now - at <= most ? null
            : Fault.Forbidden($"{why}, and you signed in {(proven is { } then ? DurationWords.Of(scope.Now - then) + " ago" : "too long ago")}. Type your password again, then it is done.", Code);
    }

    /// <summary>When the password of the caller's session was last typed: at its beginning, or again since. Null: they call with a token, or nobody knows.</summary>
    public static async Task<DateTimeOffset?> ProvenAtAsync(ChangeScope scope, PersonCaller me, CancellationToken ct)
    {
        if (me.SignedInAt is not { } since) return null;
        var again = SessionMark.Time(await scope.Db.UserTokens.AsNoTracking().Where(t => t.UserId == me.Id && t.LoginProvider == SessionMark.Proven && t.Name == me.Session).Select(t => t.Value).SingleOrDefaultAsync(ct));
        return again > since ? again : since;
    }
}
