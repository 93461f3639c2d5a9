using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace OpsConsole.Features.Approvals;

/// <summary>What the desk shows and in which order, as it stands in its address: links and the way back keep it.</summary>
/// <param name="Show"><c>mine</c>, <c>high</c> or null: all.</param>
/// <param name="Rollout">Empty says 'all of them', whatever was picked before; null says nothing.</param>
/// <param name="Sort"><c>consequence</c>, <c>amount</c> or null: soonest due first.</param>
/// <param name="Due">Only what is due within so many minutes.</param>
public sealed record DeskFilter(string? Show = null, string? Rollout = null, string? Sort = null, string? Search = null, string? Agent = null, string? Action = null, string? Rule = null, int? Due = null)
{
    public const int LongestText = 200;
    private static readonly string?[] Sorts = [null, "consequence", "amount"];

    /// <summary>Reads it back; what makes no sense counts as not said.</summary>
    public static DeskFilter Of(string? show, string? rollout, string? sort, string? search, string? agent, string? action, string? rule, string? due)
        => new(show is "mine" or "high" ? show : null, Short(rollout, keepEmpty: true), Sorts.Contains(sort) ? sort : null, Short(search), Short(agent), Short(action), Short(rule),
            int.TryParse(due, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes is > 0 and <= 527_040 ? minutes : null);

    /// <summary>From the query of an address, with or without its question mark.</summary>
    public static DeskFilter Parse(string? query)
    {
        var values = QueryHelpers.ParseQuery(query);
        return Of(One("show"), One("rollout"), One("sort"), One("q"), One("agent"), One("action"), One("rule"), One("due"));

        string? One(string name) => values.TryGetValue(name, out var found) ? found.ToString() : null;
    }

    public QueueFilter Queue => new(string.IsNullOrEmpty(Rollout) ? null : Rollout, Show == "mine", Show == "high", Agent, Action?.ToLowerInvariant(), Rule, Due is { } minutes ? TimeSpan.FromMinutes(minutes) : null, Search,
        Sort switch { "consequence" => QueueSort.Consequence, "amount" => QueueSort.Amount, _ => QueueSort.Due });

    /// <summary>Shows less than all that waits.</summary>
    public bool Narrow => this with { Rollout = null, Sort = null } != new DeskFilter() || !string.IsNullOrEmpty(Rollout);
    /// <summary>How many of the filters behind 'More' are set.</summary>
    public int More => new object?[] { Agent, Action, Rule, Due }.Count(v => v is not null);
    public DeskFilter NextSort => this with { Sort = Sorts[(Array.IndexOf(Sorts, Sort) + 1) % Sorts.Length] };

    /// <summary>The query of the address, with its question mark; empty where nothing is said.</summary>
    public string Query
    {
        get
        {
            var parts = new (string Name, string? Value)[] { ("show", Show), ("rollout", Rollout), ("sort", Sort), ("q", Search), ("agent", Agent), ("action", Action), ("rule", Rule), ("due", Due?.ToString(CultureInfo.InvariantCulture)) };
            var said = string.Join('&', parts.Where(p => p.Value is not null).Select(p => p.Name + "=" + Uri.EscapeDataString(p.Value!)));
            return said.Length > 0 ? "?" + said : "";
        }
    }

    private static string? Short(string? text, bool keepEmpty = false)
    {
        var trimmed = text?.Trim();
        return trimmed is null || (trimmed.Length == 0 && !keepEmpty) ? null : trimmed.Length <= LongestText ? trimmed : trimmed[..LongestText];
    }
}
