namespace OpsConsole.Core.Authority;

/// <summary>A list of conditions that must all hold, prepared once and safe to use from any thread.</summary>
public sealed class CompiledConditions
{
    private readonly CompiledCondition[] _conditions;

    private CompiledConditions(CompiledCondition[] conditions) => _conditions = conditions;

    /// <summary>Never throws: an invalid expression is a condition that is always unknown.</summary>
    public static CompiledConditions Compile(IReadOnlyList<Condition> conditions) => new(CompiledCondition.Compile(conditions));

    /// <summary>What is wrong with the expressions, as (index, words); empty when all can be evaluated.</summary>
    public IReadOnlyList<(int Index, string Problem)> Problems =>
        [.. _conditions.Select((c, i) => (i, c.Problem)).Where(p => p.Problem is not null).Select(p => (p.i, p.Problem!))];

    /// <summary>False when any is false, else unknown when any is unknown, else true (also for no conditions at all).</summary>
    public Truth AllOf(in PolicyCall call) => Conditions.AllOf(_conditions, Truth.True, call);
}

/// <summary>Conditions outside a matrix, such as a rollout's audience.</summary>
public static class Conditions
{
    /// <summary>As <see cref="CompiledConditions.AllOf"/>.</summary>
    public static Truth AllOf(CompiledConditions conditions, in PolicyCall call) => conditions.AllOf(call);

    /// <summary>Compiles and asks; for anything asked often, keep a <see cref="CompiledConditions"/>.</summary>
    public static Truth AllOf(IReadOnlyList<Condition> conditions, in PolicyCall call) => CompiledConditions.Compile(conditions).AllOf(call);

    internal static Truth AllOf(CompiledCondition[] conditions, Truth start, in PolicyCall call)
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
