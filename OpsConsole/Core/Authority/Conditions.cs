namespace OpsConsole.Core.Authority;

/// <summary>A list of conditions that must all hold, such as a rollout's audience, prepared once and safe to use from any thread.</summary>
public sealed class CompiledConditions
{
    private readonly CompiledCondition[] _conditions;

    private CompiledConditions(CompiledCondition[] conditions) => _conditions = conditions;

    /// <summary>Never throws: an invalid expression is a condition that is always unknown.</summary>
    public static CompiledConditions Compile(IReadOnlyList<Condition> conditions) => new(CompiledCondition.Compile(conditions));

    /// <summary>Whether there is a pattern among them.</summary>
    public bool HasPatterns => _conditions.Any(c => c.IsPattern);

    /// <summary>False when any is false, else unknown when any is unknown, else true (also for no conditions at all).</summary>
    public Truth AllOf(in PolicyCall call) => Conditions.AllOf(_conditions, Truth.True, call);
}

internal static class Conditions
{
    public static Truth AllOf(CompiledCondition[] conditions, Truth start, in PolicyCall call)
    {
        var all = start;
        foreach (var condition in conditions)
        {
            if (all == Truth.False) break;
            all = Truths.And(all, condition.Test(call));
        }
        return all;
    }
}
