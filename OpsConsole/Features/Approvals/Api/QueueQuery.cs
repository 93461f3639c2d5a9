using Microsoft.AspNetCore.Mvc;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Approvals.Api;

/// <summary>What <c>GET approvals</c> takes beside section N's own: with any of these it lists what waits, in the order of <c>sort</c> (due, consequence, amount).</summary>
public sealed class QueueQuery   // properties and no constructor: the generator of request delegates does not take nullable parameters of one
{
    public string? Sort { get; init; }
    public string? Search { get; init; }
    public string? Agent { get; init; }
    public string? Action { get; init; }
    public string? Rule { get; init; }
    public string? Consequence { get; init; }
    [FromQuery(Name = "due_within")] public string? DueWithin { get; init; }
    public string? Mine { get; init; }

    private const int LongestSearch = 200;
    private static readonly Dictionary<string, QueueSort> Sorts = Enum.GetValues<QueueSort>().ToDictionary(s => s.ToString().ToLowerInvariant());

    internal bool Asked => Sort is not null || Search is not null || Agent is not null || Action is not null || Rule is not null || Consequence is not null || DueWithin is not null || Mine is not null;

    internal Result<QueueFilter> Read(string? rollout)
    {
        var sort = QueueSort.Due;
        if (Sort is not null && !Sorts.TryGetValue(Sort, out sort)) return Fault.Invalid("field.invalid", $"sort must be one of: {string.Join(", ", Sorts.Keys)}.", "sort");
        if (Search is { Length: > LongestSearch }) return Fault.Invalid("field.invalid", $"search may have at most {LongestSearch} characters.", "search");
        if (Consequence is not (null or "high")) return Fault.Invalid("field.invalid", "consequence must be high, or left out.", "consequence");
        if (Mine is not (null or "true" or "false")) return Fault.Invalid("field.invalid", "mine must be true or false.", "mine");
        TimeSpan? within = null;
        if (DueWithin is not null)
        {
            if (!IsoDuration.TryParse(DueWithin, out var span) || span < TimeSpan.Zero || span > TimeSpan.FromDays(366)) return Fault.Invalid("field.invalid", "due_within must be an ISO 8601 duration such as PT15M, at most a year.", "due_within");
            within = span;
        }
        return new QueueFilter(rollout, Mine == "true", Consequence == "high", Agent, Action?.ToLowerInvariant(), Rule, within, Search, sort);
    }
}
