using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Startup;

/// <summary>
/// Token buckets, none of them waits. They are asked after authorisation, so that a bucket belongs to a proven credential and nobody can empty another's
/// by naming its id; whoever proves nothing is counted by address. One request takes from one bucket: asks have theirs, what follows an ask has another.
/// </summary>
internal sealed class RateLimits
{
    private static readonly RateLimitPartition<(string Kind, string Who)> Unlimited = RateLimitPartition.GetNoLimiter(("", ""));
    // made once: a request allocates nothing here
    private readonly Func<(string Kind, string Who), RateLimiter> _asks, _follows, _calls, _passwords, _links;

    private RateLimits(LimitOptions limits)
    {
        _asks = PerSecond(limits.DecisionsPerSecond);
        // each decision may be looked up, claimed and reported as fast as it may be asked for
        _follows = PerSecond(3 * limits.DecisionsPerSecond);
        _calls = PerSecond(limits.CallsPerSecond);
        _passwords = Bucket(limits.SignInsPerMinute, 1, TimeSpan.FromMinutes(1) / limits.SignInsPerMinute);
        _links = Bucket(limits.LinksPerMinute, 1, TimeSpan.FromMinutes(1) / limits.LinksPerMinute);
    }

    public static void Configure(RateLimiterOptions options, LimitOptions limits)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = Rejected;
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, (string Kind, string Who)>(new RateLimits(limits).Partition);
    }

    private RateLimitPartition<(string Kind, string Who)> Partition(HttpContext context)
    {
        var path = context.Request.Path;
        var posts = HttpMethods.IsPost(context.Request.Method);
        if (posts && ProvesPassword(path)) return RateLimitPartition.Get(("password", Address(context)), _passwords);
        if (path.StartsWithSegments("/shared", StringComparison.OrdinalIgnoreCase)) return RateLimitPartition.Get(("link", Address(context)), _links);
        if (!ApiProblems.IsApi(path)) return Unlimited;
        if (context.Agent() is { } agent)
        {
            if (!path.StartsWithSegments(Decisions, StringComparison.OrdinalIgnoreCase)) return RateLimitPartition.Get(("agent", agent.KeyId), _calls);
            // routing takes a slash at the end too
            var asks = posts && path.Value!.Length <= Decisions.Length + 1;
            return asks ? RateLimitPartition.Get(("ask", agent.KeyId), _asks) : RateLimitPartition.Get(("follow", agent.KeyId), _follows);
        }
        return RateLimitPartition.Get(context.Person() is { } person ? ("person", person.Auth) : ("nobody", Address(context)), _calls);
    }

    private const string Decisions = "/api/v1/decisions";

    private static bool ProvesPassword(PathString path)
        => path.Equals("/api/v1/tokens", StringComparison.OrdinalIgnoreCase) || path.Equals("/account/sign-in", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/setup", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/invitations", StringComparison.OrdinalIgnoreCase);

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "local";

    private static Func<(string, string), RateLimiter> PerSecond(int limit) => Bucket(limit, Math.Max(1, limit / 10), TimeSpan.FromMilliseconds(limit < 10 ? 1000.0 / limit : 100));

    // The partitioned limiter refills its buckets itself: a timer in each would be one more per credential.
    private static Func<(string, string), RateLimiter> Bucket(int limit, int refill, TimeSpan period)
    {
        var options = new TokenBucketRateLimiterOptions { TokenLimit = limit, TokensPerPeriod = refill, ReplenishmentPeriod = period, QueueLimit = 0, AutoReplenishment = false };
        return _ => new TokenBucketRateLimiter(options);
    }

    private static async ValueTask Rejected(OnRejectedContext rejected, CancellationToken ct)
    {
        var seconds = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? Math.Max(1, (int)Math.Ceiling(after.TotalSeconds)) : 1;
        var http = rejected.HttpContext;
        var fault = new Fault(FaultKind.TooMany, "rate.limited", $"Too many requests. Try again in {seconds} s.");
        // the problem's own header says one second; the bucket knows better
        http.Response.OnStarting(() =>
        {
            http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        await fault.ToHttp().ExecuteAsync(http);
    }
}
