using System.Text.Json;

namespace OpsConsole.Core.Reliability;

/// <summary>What a figure of a week may be at most.</summary>
/// <param name="Name">As it is set: a member of the rollout's <c>thresholds</c>.</param>
/// <param name="Words">The figure, for people.</param>
/// <param name="Unit"><c>%</c> (then it is set as a share from 0 to 1), <c>per 1,000</c> or <c>min</c>.</param>
/// <param name="Agreed">The rollout set it; otherwise it is the default of the console.</param>
public sealed record Threshold(string Name, string Words, string Unit, double AtMost, bool Agreed);

/// <summary>A figure against its threshold.</summary>
/// <param name="Value">In the threshold's unit as it is set; null: nothing to count.</param>
/// <param name="N">Out of how many it was reckoned.</param>
/// <param name="Inside">Null: nothing to count, which is neither.</param>
public sealed record Judged(Threshold Threshold, double? Value, long N, bool? Inside);

/// <summary>The thresholds of a rollout: its own, and the defaults of the product where it set none.</summary>
public static class Thresholds
{
    public const string OverrideRate = "override_rate", Incidents = "incidents_per_1000", ApprovalP90 = "approval_p90_minutes", ExpiredRate = "expired_rate", RecoveryP90 = "recovery_p90_minutes";
    /// <summary>Failed outcomes: without a default, because nobody can say for others how often what they do may fail. Weekly reviews do not judge by it; burn rates do, once it is set.</summary>
    public const string FailureRate = "failure_rate";

    private static readonly (string Name, string Words, string Unit, double AtMost)[] Defaults =
    [
        (OverrideRate, "Override rate", "%", 0.05), (Incidents, "Incidents", "per 1,000", 2), (ApprovalP90, "Nine of ten decisions within", "min", 15), (ExpiredRate, "Expired undecided", "%", 0.01), (RecoveryP90, "Nine of ten recoveries within", "min", 60),
    ];

    /// <param name="own">The rollout's JSON object of numbers; null: none. Names that are not known here are left to whoever knows them.</param>
    public static IReadOnlyList<Threshold> Of(string? own)
    {
        var set = Set(own);
        return [.. Defaults.Select(d => new Threshold(d.Name, d.Words, d.Unit, set.GetValueOrDefault(d.Name, d.AtMost), set.ContainsKey(d.Name)))];
    }

    /// <summary>How many failed outcomes the rollout agreed on; null: on none.</summary>
    public static Threshold? Failures(string? own) => Set(own).TryGetValue(FailureRate, out var most) ? new(FailureRate, "Failed outcomes", "%", most, true) : null;

    private static Dictionary<string, double> Set(string? own)
    {
        Dictionary<string, double> set = [];
        if (own is not null)
        {
            using var json = JsonDocument.Parse(own);
            foreach (var member in json.RootElement.EnumerateObject()) if (member.Value.ValueKind == JsonValueKind.Number) set[member.Name] = member.Value.GetDouble();
        }
        return set;
    }

    /// <summary>At the threshold is inside.</summary>
    public static Judged Judge(Threshold threshold, double? value, long n) => new(threshold, value, n, value is { } v ? v <= threshold.AtMost : null);
}
