using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Startup;

/// <summary>
/// Token buckets, none of them waits. They are asked after authorisation, so that a bucket belongs to a proven credential and nobody can empty another's
/// by naming its id; whoever proves nothing is counted by address.
/// </summary>
internal static class RateLimits
{
    /// <summary>The policy of endpoints that decide: its bucket alone counts there.</summary>
    public const string Decisions = "decisions";

    public static void Configure(RateLimiterOptions options, LimitOptions limits)
    {
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = Rejected;
        options.AddPolicy(Decisions, context => context.Agent() is { } agent ? PerSecond("ask", agent.KeyId, limits.DecisionsPerSecond) : PerSecond("nobody", Address(context), limits.CallsPerSecond));
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, (string Kind, string Who)>(context => Partition(context, limits));
    }

    private static RateLimitPartition<(string, string)> Partition(HttpContext context, LimitOptions limits)
    {
        var path = context.Request.Path;
        if (HttpMethods.IsPost(context.Request.Method) && ProvesPassword(path)) return Bucket("password", Address(context), limits.SignInsPerMinute, TimeSpan.FromMinutes(1));
        if (!ApiProblems.IsApi(path) || context.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName == Decisions) return RateLimitPartition.GetNoLimiter(("", ""));
        if (context.Agent() is { } agent)
        {
            if (!path.StartsWithSegments("/api/v1/decisions", StringComparison.OrdinalIgnoreCase)) return PerSecond("agent", agent.KeyId, limits.CallsPerSecond);
            // each decision may be looked up, claimed and reported as fast as it may be asked for
            return PerSecond("follow", agent.KeyId, 3 * limits.DecisionsPerSecond);
        }
        return context.Person() is { } person ? PerSecond("person", person.Auth, limits.CallsPerSecond) : PerSecond("nobody", Address(context), limits.CallsPerSecond);
    }

    private static bool ProvesPassword(PathString path)
        => path.Equals("/api/v1/tokens", StringComparison.OrdinalIgnoreCase) || path.Equals("/account/sign-in", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/setup", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/invitations", StringComparison.OrdinalIgnoreCase);

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "local";

    private static RateLimitPartition<(string, string)> PerSecond(string kind, string who, int limit)
        => RateLimitPartition.GetTokenBucketLimiter((kind, who), _ => new TokenBucketRateLimiterOptions { TokenLimit = limit, TokensPerPeriod = Math.Max(1, limit / 10), ReplenishmentPeriod = TimeSpan.FromMilliseconds(limit < 10 ? 1000.0 / limit : 100), QueueLimit = 0 });

    private static RateLimitPartition<(string, string)> Bucket(string kind, string who, int limit, TimeSpan period)
        => RateLimitPartition.GetTokenBucketLimiter((kind, who), _ => new TokenBucketRateLimiterOptions { TokenLimit = limit, TokensPerPeriod = 1, ReplenishmentPeriod = period / limit, QueueLimit = 0 });

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
