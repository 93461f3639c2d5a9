using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Approvals;

/// <summary>
/// What is of high consequence is approved in the browser only by somebody who proved lately who they are: an open laptop is not its owner. Tokens are made for scripts,
/// end by themselves and can be revoked; they are not asked.
/// </summary>
/// <param name="limit">How old the last proof may be; null: not asked for.</param>
public sealed class FreshSignIn(TimeSpan? limit)
{
    public const string Code = "sign_in.stale";

    /// <summary>Why the person has to type their password first, or null. A session of which nobody knows how old it is, is too old.</summary>
    public Fault? Ask(PersonCaller me, bool high, DateTimeOffset now)
        => limit is { } most && high && me.InBrowser && !(me.ProvenAt is { } at && now - at <= most)
            ? Fault.Forbidden($"This is of high consequence, and you signed in {(me.ProvenAt is { } then ? DurationWords.Of(now - then) + " ago" : "too long ago")}. Type your password again, then it is approved.", Code) : null;
}
