using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>Where a list goes on (<c>after</c>) and how much of it is wanted (<c>limit</c>, 1 to 200, 50 unless said).</summary>
public sealed record PageQuery(string? After, int Limit)
{
    public const int MaxLimit = 200;

    public static Result<PageQuery> Read(HttpRequest request)
    {
        var (after, text) = (request.Query["after"].ToString(), request.Query["limit"].ToString());
        if (after.Length > 100 || after.Contains('\0')) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
        if (Paging.Limit(text.Length == 0 ? null : text) is not { } limit) return Paging.WrongLimit;
        return new PageQuery(after.Length == 0 ? null : after, limit);
    }
}
